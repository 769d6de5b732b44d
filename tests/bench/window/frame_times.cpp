// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/window/panel_times.h"
#include "tests/bench/window/report.h"
#include "tests/bench/window/scenarios.h"
#include "tests/bench/window/studio.h"

#include <QTest>

#include <algorithm>
#include <cstdio>

namespace bnstudio::bench {

namespace {

using namespace std::chrono_literals;

constexpr double scrubLimitMs = 33;

struct FrameLimits {
    double all = 0;       ///< of every visible panel
    double foremost = 0;  ///< of the counter, the flow and the calculation
};

FrameLimits limitsFor(const Dims& batch, std::int64_t steps) {
    if (batch == Dims{1024, 1024})
        return {50, 25};
    return steps >= 2000 ? FrameLimits{40, 40} : FrameLimits{16.7, 16.7};
}

/// The picture of one input: the step is there and nothing has been painted for a while.
void awaitPicture(Studio& studio, PanelTimes& times, std::int64_t step) {
    constexpr auto stillness = 40ms;
    const auto given = Clock::now() + 5s;
    while (Clock::now() < given
           && (!studio.session.isCurrent() || studio.session.shown().step != step
               || Clock::now() - times.lastPaint() < stillness))
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 5);
    times.finish();
}

void printTimes(const std::string& what, const PanelTimes& times, FrameLimits limits) {
    for (auto [panel, values] : times.times()) {
        std::sort(values.begin(), values.end());
        const bool isForemost = panel == u"flow" || panel == u"calculation" || panel == u"transportBar";
        const std::string name = what + ", " + (panel.isEmpty() ? "the whole window" : panel.toStdString());
        printRow(name + ", median of " + std::to_string(values.size()), percentile(values, 0.5), "ms",
                 atMost(isForemost ? limits.foremost : limits.all));
        printRow(name + ", longest", percentile(values, 1), "ms");
    }
}

}  // namespace

void measureFrameTimes(TimedApplication& application, const Dims& batch, std::int64_t steps, bool profile) {
    constexpr int inputs = 40;
    prepareWindow(application);
    Studio studio(batch, steps);
    spinUntil(studio.session, [&] { return studio.session.shown().step == steps - 1; });
    spinUntilStill(studio.paints);
    spin(500ms);  // findings are looked for when nothing else is to do
    studio.window.setFocus();
    const FrameLimits limits = limitsFor(batch, steps);
    const auto keys = [&](const std::string& what, Qt::Key key, int direction, bool whilePlaying = false) {
        PanelTimes times;
        application.restart();
        for (int i = 0; i < inputs; ++i) {
            if (whilePlaying) {
                studio.session.play();
                spin(120ms);
            }
            const std::int64_t target = studio.session.playhead() + direction;
            times.start();
            QTest::keyClick(studio.window.windowHandle(), key);
            awaitPicture(studio, times, target);
        }
        printTimes(what, times, limits);
        if (profile)
            application.printProfile(25, inputs);
    };
    keys("step forward, computed anew", Qt::Key_Right, 1);
    keys("step back", Qt::Key_Left, -1);
    studio.session.goToLast();
    spinUntilStill(studio.paints);
    keys("step forward while playing computes ahead", Qt::Key_Right, 1, true);
    PanelTimes times;
    for (int i = 1; i <= inputs; ++i) {
        const std::int64_t target = i * std::int64_t{7919} % steps;  // a prime: no pattern, and the same every time
        if (target == studio.session.playhead())
            continue;
        times.start();
        studio.session.goTo(target);
        awaitPicture(studio, times, target);
    }
    printTimes("scrubbing", times, {scrubLimitMs, scrubLimitMs});
}

}  // namespace bnstudio::bench
