// SPDX-License-Identifier: GPL-3.0-or-later
// The window on a run of some steps.
#pragma once

#include "tests/ui/window_fixture.h"

#include <QFileInfo>
#include <QLineEdit>

#include <vector>

namespace bnstudio::test {

inline const QString samples = QStringLiteral(BNSTUDIO_SOURCE_DIR "/resources/samples/");

/// A window on the default recipe, shown offscreen.
struct RunWindow {
    explicit RunWindow(std::int64_t steps = 20) : session(defaultRecipe(), steps), window(session) {
        window.show();
        ok = QTest::qWaitForWindowExposed(&window) && awaitStep(steps - 1);
    }
    bool awaitStep(std::int64_t step) {
        return QTest::qWaitFor([&] { return session.shown().step == step && session.playhead() == step; }, patienceMs);
    }
    bool awaitMessage() {
        return QTest::qWaitFor([&] { return !session.message().isEmpty(); }, patienceMs);
    }
    bool open(const QString& path) {
        const QString name = QFileInfo(path).fileName();
        window.document().open(path);
        return QTest::qWaitFor(
            [&] {
                return !session.isOpening() && session.recipe().name == name.toStdString() && session.isCurrent()
                       && session.shown().step >= 0;
            },
            patienceMs);
    }
    template <class T>
    T* find(const char* name) {
        T* widget = window.findChild<T*>(QLatin1String(name));
        if (!widget)
            qFatal("no widget named %s", name);
        return widget;
    }
    template <class T>
    T* find() {
        return window.findChild<T*>();
    }
    void click(const char* name) { QTest::mouseClick(find<QAbstractButton>(name), Qt::LeftButton); }
    void type(const char* field, const QString& text) {
        auto* edit = find<QLineEdit>(field);
        edit->setFocus();
        edit->selectAll();
        QTest::keyClicks(edit, text);
        QTest::keyClick(edit, Qt::Key_Return);
    }
    std::vector<double> runningMean() const { return *session.shown().state->layer.state().runningMean; }

    Session session;
    MainWindow window;
    bool ok = false;
};

}  // namespace bnstudio::test
