// SPDX-License-Identifier: GPL-3.0-or-later
// The window with something on its timeline.
#pragma once

#include "tests/ui/window_fixture.h"
#include "ui/panels/timeline.h"

#include <QWheelEvent>

#include <cmath>

namespace bnstudio::test {

inline Recipe recipeWithEvents() {
    Recipe recipe = defaultRecipe();
    recipe.lanes.front().layer.momentum = 0.3;
    insertEvent(recipe, {10, -1, SetMomentum{0.1}});
    insertEvent(recipe, {30, -1, ResetRunningStats{}});
    insertEvent(recipe, {30, -1, SetEps{1e-3}});
    setMark(recipe, 20, "warm-up ends");
    return recipe;
}

/// The window on a run of 50 steps with events at 10 and 30 and a name at 20.
struct TimelineFixture : WindowFixture {
    explicit TimelineFixture(Recipe recipe = recipeWithEvents(), std::int64_t steps = 50) : WindowFixture(4) {
        ok = ok && await([&] { return session.isCurrent(); });
        session.open(std::move(recipe), steps);
        ok = ok && await([&] { return !session.isOpening(); }) && awaitHead(steps);
        timeline = find<Timeline>("timeline");
    }
    ~TimelineFixture() { window.hide(); }
    bool awaitHead(std::int64_t steps) {
        return await([&] { return session.isCurrent() && session.head() == steps; });
    }
    const TimelineMark& mark(TimelineMark::Kind kind, std::int64_t step) const {
        for (const TimelineMark& mark : timeline->marks())
            if (mark.kind == kind && mark.step == step)
                return mark;
        qFatal("no such mark");
    }
    QPoint at(TimelineMark::Kind kind, std::int64_t step) const {
        return timeline->markPosition(mark(kind, step)).toPoint();
    }
    /// Left edge of a step, on the row of marks.
    QPoint edge(double step) const {
        return {static_cast<int>(std::lround(timeline->xOf(step))), at(TimelineMark::Kind::Start, -1).y()};
    }
    void drag(QPoint from, QPoint to) {
        QTest::mousePress(timeline, Qt::LeftButton, {}, from);
        QTest::mouseMove(timeline, (from + to) / 2);
        QTest::mouseMove(timeline, to);
        QTest::mouseRelease(timeline, Qt::LeftButton, {}, to);
    }
    template <class Dialog>
    Dialog* dialog(const char* name) {
        Dialog* found = nullptr;
        (void)await([&] { return (found = window.findChild<Dialog*>(QLatin1String(name))) && found->isVisible(); });
        return found;
    }
    QStringList labels() const {
        QStringList texts;
        for (const MarkGroup& group : timeline->groups())
            texts << group.text;
        return texts;
    }
    void wheel(QPoint at, int turns) {
        const QPoint delta(0, 120 * turns);
        QWheelEvent event(at, timeline->mapToGlobal(at), {}, delta, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                          false);
        QApplication::sendEvent(timeline, &event);
    }

    Timeline* timeline = nullptr;
};

}  // namespace bnstudio::test
