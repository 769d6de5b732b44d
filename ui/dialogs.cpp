// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs.h"

#include "ui/actions.h"
#include "ui/theme.h"

#include <QApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QLabel>
#include <QMessageBox>
#include <QScrollArea>
#include <QVBoxLayout>

namespace bnstudio {

namespace {

QString keysTable() {
    QString rows;
    for (const ActionSpec& spec : actionTable()) {
        if (spec.keys.isEmpty())
            continue;
        const QString text = QCoreApplication::translate("Actions", spec.text).remove(u'&').remove(u'…');
        rows += QStringLiteral("<tr><td style='padding:3px 24px 3px 0'><b>%1</b></td><td>%2</td></tr>")
                    .arg(spec.keys.front().toString(QKeySequence::NativeText).toHtmlEscaped(), text.toHtmlEscaped());
    }
    return QStringLiteral("<table>%1</table>").arg(rows);
}

}  // namespace

void showKeys(QWidget& window) {
    QDialog dialog(&window);
    dialog.setObjectName(QStringLiteral("keysDialog"));
    dialog.setWindowTitle(QCoreApplication::translate("Dialogs", "Keys"));
    auto* layout = new QVBoxLayout(&dialog);
    auto* area = new QScrollArea;
    area->setWidget(new QLabel(keysTable()));
    area->setFrameShape(QFrame::NoFrame);
    layout->addWidget(area);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    QObject::connect(buttons, &QDialogButtonBox::rejected, &dialog, &QDialog::reject);
    layout->addWidget(buttons);
    dialog.resize(460, 560);
    dialog.exec();
}

void showAbout(QWidget& window) {
    QMessageBox::about(
        &window, QCoreApplication::translate("Dialogs", "About BatchNorm1d Studio"),
        QCoreApplication::translate(
            "Dialogs", "<b>BatchNorm1d Studio %1</b><p>Explore, teach and debug batch normalization, step by step and "
                       "backwards in time.<p>Free software under the GNU General Public License, version 3 or later.")
            .arg(QCoreApplication::applicationVersion()));
}

}  // namespace bnstudio
