// SPDX-License-Identifier: GPL-3.0-or-later
// A session and a plot that looks at it.
#pragma once

#include "ui/session/session.h"

#include <QtTest>
#include <QWidget>

#include <utility>

namespace bnstudio::test {

// Two channels: 2 and 6 in turn (mean 4, variance ÷n 4, ÷(n−1) 16/3), and a constant 3.
inline Recipe pastedRecipe() {
    Recipe recipe;
    recipe.data.sources = {PastedSpec{{4, 2}, {2, 3, 6, 3, 2, 3, 6, 3}}};
    return recipe;
}

// A session that has computed its steps and shows the last one.
class Ready {
public:
    Ready(Recipe recipe, std::int64_t steps) : session(std::move(recipe), steps) { await(steps); }
    void await(std::int64_t head) {
        QTRY_VERIFY_WITH_TIMEOUT(
            session.head() == head && session.isCurrent() && session.shown().step == session.playhead(), 30'000);
    }
    /// Shows @p step and waits for its distributions.
    void show(std::int64_t step) {
        session.goTo(step);
        QTRY_VERIFY_WITH_TIMEOUT(session.shown().step == step, 30'000);
    }
    Session session;
};

template <class View>
inline void lookAt(View& view) {
    view.resize(420, 260);
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    view.refresh();
}

}  // namespace bnstudio::test
