// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/recorder_script.h"

#include "ui/session/session.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileDialog>
#include <QSaveFile>

// Resources of a static library are linked in only when something asks for them, and not from within a namespace.
static void loadResources() {
    Q_INIT_RESOURCE(resources);
}

namespace bnstudio {

QByteArray recorderScript() {
    loadResources();
    QFile file(QStringLiteral(":/python/bnstudio_recorder.py"));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void saveRecorderScript(QWidget& window, Session& session) {
    const QString path = QFileDialog::getSaveFileName(
        &window, QCoreApplication::translate("Dialogs", "Save the recorder for training scripts"),
        QStringLiteral("bnstudio_recorder.py"), QCoreApplication::translate("Dialogs", "Python files (*.py)"));
    if (path.isEmpty())
        return;
    const QByteArray script = recorderScript();
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(script) != script.size() || !file.commit())
        session.showMessage(
            QCoreApplication::translate("Dialogs", "%1 could not be written: %2").arg(path, file.errorString()));
}

}  // namespace bnstudio
