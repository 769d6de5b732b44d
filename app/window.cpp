// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window.h"

#include "ui/files.h"
#include "ui/focus_keys.h"
#include "ui/main_window.h"
#include "ui/theme.h"

#include <QApplication>
#include <QIcon>
#include <QSettings>

namespace bnstudio {

namespace {

constexpr std::int64_t firstSteps = 60;

Theme::Mode themeMode(const QString& word) {
    if (word == QStringLiteral("light"))
        return Theme::Mode::Light;
    if (word == QStringLiteral("dark"))
        return Theme::Mode::Dark;
    if (word == QStringLiteral("system"))
        return Theme::Mode::System;
    const int saved = QSettings().value(QStringLiteral("theme"), static_cast<int>(Theme::Mode::System)).toInt();
    return saved >= 0 && saved <= static_cast<int>(Theme::Mode::Dark) ? static_cast<Theme::Mode>(saved)
                                                                      : Theme::Mode::System;
}

}  // namespace

void prepareApplication(QApplication& application, const QString& theme) {
    application.setWindowIcon(QIcon(QStringLiteral(":/icons/bnstudio.svg")));
    application.installEventFilter(new FocusKeys(&application));
    Theme::instance().apply(application, themeMode(theme));
}

int runWindow(QApplication& application, const WindowOptions& options) {
    prepareApplication(application, options.theme);
    Session session(defaultRecipe(), firstSteps);
    MainWindow window(session);
    window.restoreLayout();
    window.files().offerRecovery();
    window.show();
    const QString file = options.recipe.isEmpty() ? options.files.value(0) : options.recipe;
    if (!file.isEmpty())
        window.files().open(file);
    if (options.files.size() > 1)
        session.showMessage(
            QApplication::translate("Window", "Only the first of %1 files is opened.").arg(options.files.size()));
    return QApplication::exec();
}

}  // namespace bnstudio
