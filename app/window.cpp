// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window.h"

#include "ui/files.h"
#include "ui/focus_keys.h"
#include "ui/main_window.h"
#include "ui/window_looks.h"

#include <QApplication>
#include <QIcon>

namespace bnstudio {

namespace {

constexpr std::int64_t firstSteps = 60;

}  // namespace

void prepareApplication(QApplication& application, const Preferences& preferences) {
    application.setWindowIcon(QIcon(QStringLiteral(":/icons/bnstudio.svg")));
    application.installEventFilter(new FocusKeys(&application));
    Theme::instance().apply(application, preferences.shownTheme());
    setPreferences(preferences);
}

int runWindow(QApplication& application, const WindowOptions& options) {
    Preferences preferences = savedPreferences();
    preferences.themeOfRun = options.theme;
    prepareApplication(application, preferences);
    Session session(defaultRecipe(), firstSteps);
    MainWindow window(session);
    window.restoreLayout();
    window.files().offerRecovery();
    window.show();
    window.looks().offerTour();
    const QString file = options.recipe.isEmpty() ? options.files.value(0) : options.recipe;
    if (!file.isEmpty())
        window.files().open(file);
    if (options.files.size() > 1)
        session.showMessage(
            QApplication::translate("Window", "Only the first of %1 files is opened.").arg(options.files.size()));
    return QApplication::exec();
}

}  // namespace bnstudio
