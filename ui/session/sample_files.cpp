// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/sample_files.h"

#include <QCoreApplication>
#include <QDir>

namespace bnstudio {

QStringList sampleFiles() {
    const QString program = QCoreApplication::applicationDirPath();
    for (const char* place :
         {"/../share/bnstudio/samples", "/../../../resources/samples", "/../../../../resources/samples"}) {
        const QDir folder(QDir::cleanPath(program + QLatin1String(place)));
        QStringList files;
        for (const QString& name : folder.entryList(QDir::Files, QDir::Name))
            files << folder.filePath(name);
        if (!files.isEmpty())
            return files;
    }
    return {};
}

}  // namespace bnstudio
