// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

class QApplication;

namespace bnstudio {

/// What the command line says about the window.
struct WindowOptions {
    QStringList files;  ///< data or recipe; the first is opened
    QString recipe;     ///< a recipe file
    QString theme;      ///< "light", "dark", "system"; empty: as last time
};

/// Sets what every window of the program shares: theme, icon, the keys of focused controls.
void prepareApplication(QApplication& application, const QString& theme);
/// Shows the window and returns its exit status.
int runWindow(QApplication& application, const WindowOptions& options);

}  // namespace bnstudio
