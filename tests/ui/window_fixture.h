// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/files.h"
#include "ui/focus_keys.h"
#include "ui/main_window.h"
#include "ui/preferences.h"
#include "ui/theme.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QApplication>
#include <QDialog>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

namespace bnstudio {

constexpr int patienceMs = 60000;

/// No settings of an earlier test, and the light theme whatever the desktop has.
inline void startWithUsualPreferences() {
    QSettings().clear();
    Preferences usual;
    usual.theme = Theme::Mode::Light;
    setPreferences(usual);
}

/// Normal batches of shape (n, c), everything else as in an empty recipe.
inline Recipe recipeOfBatches(std::int64_t n, std::int64_t c) {
    GeneratorSpec generator;
    generator.n = n;
    generator.c = c;
    Recipe recipe;
    recipe.data.sources = {generator};
    return recipe;
}

/// The main window on the default recipe, shown offscreen.
struct WindowFixture {
    explicit WindowFixture(std::int64_t steps = 4) : session(defaultRecipe(), steps), window(session) {
        window.show();
        ok = QTest::qWaitForWindowExposed(&window) && await([this] { return session.isCurrent() && isShown(); });
    }
    template <class Condition>
    bool await(const Condition& condition) {
        return QTest::qWaitFor(condition, patienceMs);
    }
    bool isShown() const { return session.shown().step >= 0; }
    /// The run of a recipe that was just opened is on display.
    bool awaitRun() {
        return await([this] { return !session.isOpening() && session.isCurrent() && isShown(); });
    }
    /// The dialog of this class once it is there; null when it does not come or a message comes instead.
    template <class Dialog>
    Dialog* awaitDialog() {
        Dialog* dialog = nullptr;
        (void)await([&] {
            dialog = window.findChild<Dialog*>();
            return (dialog && dialog->isVisible()) || !session.message().isEmpty();
        });
        return dialog;
    }
    template <class T>
    T* find(const char* name) {
        T* widget = window.findChild<T*>(QLatin1String(name));
        if (!widget)
            qFatal("no widget named %s", name);
        return widget;
    }
    void click(const char* name) { QTest::mouseClick(find<QAbstractButton>(name), Qt::LeftButton); }
    void open(const QString& path) { window.files().open(path); }

    Session session;
    MainWindow window;
    bool ok = false;
};

/// main() of a test that drives the window: settings, autosaves and caches stay in a folder of its own.
template <class Test>
int runWindowTest(int argc, char** argv) {
    const QTemporaryDir home;
    for (const char* name : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"})
        qputenv(name, home.path().toUtf8());
    QApplication application(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("bnstudio"));
    QApplication::setApplicationName(QStringLiteral("bnstudio"));
    FocusKeys keys;
    application.installEventFilter(&keys);
    Theme::instance().apply(application, Theme::Mode::Light);
    Test test;
    return QTest::qExec(&test, argc, argv);
}

}  // namespace bnstudio
