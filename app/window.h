// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/preferences.h"

#include <QString>
#include <QStringList>

#include <optional>

class QApplication;

namespace bnstudio {

/// What the command line says about the window.
struct WindowOptions {
    QStringList files;                 ///< data or recipe; the first is opened
    QString recipe;                    ///< a recipe file
    std::optional<Theme::Mode> theme;  ///< nothing: as last time
};

/// Sets what every window of the program shares: looks, icon, the keys of focused controls.
void prepareApplication(QApplication& application, const Preferences& preferences);
/// Shows the window and returns its exit status.
int runWindow(QApplication& application, const WindowOptions& options);

}  // namespace bnstudio
