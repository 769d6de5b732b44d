// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/window/scenarios.h"

#include "tests/bench/window/latency_probe.h"
#include "tests/bench/window/report.h"
#include "tests/bench/window/studio.h"

#include <QTest>
#include <QWindow>

#include <cstdio>
#include <optional>

namespace bnstudio::bench {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t firstSteps = 60;  // what the program computes when it opens the default recipe
constexpr auto playingTime = 5s;
constexpr auto keysTime = 3s;
constexpr double latencyLimitMs = 50, startLimitMs = 1000, thinnedSeekLimitMs = 200;

// Peak memory against what the design allows: the history budget, three batches a lane, and 200 MiB for the rest.
void printMemory(const Session& session) {
    const Dims& shape = session.facts().batchShape;
    const auto bytes = static_cast<double>(checkedElementCount(shape, itemSize(DType::Float32)));
    const double lanes = session.facts().laneCount;
    printRow("memory at the end without mapped files", anonymousMiB(), "MiB");
    printRow("peak resident memory", peakResidentMiB(), "MiB", atMost(256 + 3 * lanes * bytes / (1 << 20) + 200));
}

void measureFrames(Studio& studio, TimedApplication& application, Limit stepsLimit, bool profile) {
    studio.session.setSpeed(1000);
    studio.session.play();
    spin(500ms);  // the window settles
    studio.paints.restart();
    application.restart();
    const std::int64_t head = studio.session.head();
    LatencyProbe probe(5ms);
    const auto start = Clock::now();
    spin(playingTime);
    probe.stop();
    const double seconds = milliseconds(Clock::now() - start) / 1000;
    const double busy = application.busyTime(), longest = application.longestEvent();
    const std::size_t frames = studio.paints.stepsOnTimeline();
    studio.session.pause();

    printDistribution("latency of an event while playing", probe.delays(), "ms", atMost(latencyLimitMs));
    printRow("longest single event in the GUI thread", longest, "ms");
    printRow("processor time of the GUI thread", busy / seconds / 10, "%");
    printRow("processor time of the GUI thread for a painted step", busy / static_cast<double>(frames), "ms");
    const Dims& shape = studio.session.facts().batchShape;
    const bool isSmall = checkedElementCount(shape, itemSize(DType::Float32)) <= 256 * 1024;
    printRow("steps computed", static_cast<double>(studio.session.head() - head) / seconds, "1/s",
             isSmall ? atLeast(60) : Limit());
    printRow("steps painted on the timeline", static_cast<double>(frames) / seconds, "1/s");
    printRow("steps painted on the slowest of " + std::to_string(studio.paints.visiblePlots()) + " plots",
             static_cast<double>(studio.paints.stepsOnSlowestPlot()) / seconds, "1/s", stepsLimit);
    if (profile)
        application.printProfile(30, frames);
}

// A key goes the way of a real one: through the platform's queue, the shortcuts and the action. T switches between
// train and eval from the displayed step on, so what comes after it is computed anew; Space pauses and plays.
void measureKeys(Studio& studio, Qt::Key key, const std::string& name, Change answer) {
    std::vector<double> handled, painted;
    std::optional<Clock::time_point> awaitingAnswer, awaitingPaint;
    const auto connection = QObject::connect(&studio.session, &Session::changed, [&](Changes changes) {
        if (!awaitingAnswer || !changes.testFlag(answer))
            return;
        handled.push_back(milliseconds(Clock::now() - *awaitingAnswer));
        awaitingPaint = std::exchange(awaitingAnswer, std::nullopt);
    });
    studio.paints.onTimelinePaint = [&] {
        if (awaitingPaint)
            painted.push_back(milliseconds(Clock::now() - *std::exchange(awaitingPaint, std::nullopt)));
    };
    LatencyProbe probe(150ms, [&](Clock::time_point posted) {
        if (awaitingAnswer || awaitingPaint)
            return;
        awaitingAnswer = posted;
        QTest::keyClick(studio.window.windowHandle(), key);
    });
    studio.window.setFocus();  // a focused button or list would keep Space for itself
    studio.session.play();
    spin(keysTime);
    probe.stop();
    studio.session.pause();
    QObject::disconnect(connection);
    studio.paints.onTimelinePaint = {};
    printDistribution(name + " to its effect", handled, "ms", atMost(latencyLimitMs));
    printDistribution(name + " to the timeline's next paint", painted, "ms");
}

// Goes to steps all over the computed part. Returns the times until the step was there, ms.
std::vector<double> measureSeeks(Studio& studio, int count) {
    std::vector<double> times;
    const std::int64_t head = studio.session.head();
    for (int i = 1; i <= count; ++i) {
        const std::int64_t target = i * std::int64_t{7919} % head;  // a prime: no pattern, and the same every time
        if (target == studio.session.shown().step)
            continue;
        const auto start = Clock::now();
        studio.session.goTo(target);
        if (!spinUntil(studio.session, [&] { return studio.session.shown().step == target; }))
            std::printf("  step %lld did not come\n", static_cast<long long>(target));
        times.push_back(milliseconds(Clock::now() - start));
        spin(20ms);  // the picture of this step is not part of the next seek
    }
    return times;
}

Limit paintLimit(const Dims& batch) {
    if (batch == Dims{1024, 1024})
        return atLeast(10);
    if (batch == Dims{256, 1024})
        return atLeast(30);
    return {};
}

}  // namespace

void measureStart(int& argc, char** argv, Clock::time_point processStart) {
    const auto since = [processStart] { return milliseconds(Clock::now() - processStart); };
    const double inMain = since();
    TimedApplication application(argc, argv);
    prepareWindow(application);
    const double applicationReady = since();
    Studio studio({32, 8}, firstSteps);
    const double windowShown = since();
    spinUntil(studio.session, [&] { return studio.session.shown().step == firstSteps - 1; });
    const double stepShown = since();
    const double complete = milliseconds(spinUntilStill(studio.paints) - processStart);
    printRow("start: process to main()", inMain, "ms");
    printRow("start: application and theme ready", applicationReady, "ms");
    printRow("start: window made and shown", windowShown, "ms");
    printRow("start: the first steps are there", stepShown, "ms");
    printRow("start: complete picture of the default recipe", complete, "ms", atMost(startLimitMs));
}

void measurePlaying(TimedApplication& application, const Dims& batch, bool profile) {
    prepareWindow(application);
    Studio studio(batch, 1);
    spinUntil(studio.session, [&] { return studio.session.shown().step == 0; });
    spinUntilStill(studio.paints);
    measureFrames(studio, application, paintLimit(batch), profile);
    printDistribution("seek inside the history", measureSeeks(studio, 20), "ms");
    studio.session.goToLast();
    measureKeys(studio, Qt::Key_Space, "key Space", Change::Transport);
    measureKeys(studio, Qt::Key_T, "key T", Change::Recipe);
    printMemory(studio.session);
}

void measureLongRun(TimedApplication& application, bool profile) {
    constexpr std::int64_t steps = 5000;
    prepareWindow(application);
    Studio studio({32, 1024}, 1);
    spinUntil(studio.session, [&] { return studio.session.shown().step == 0; });
    application.restart();
    const auto start = Clock::now();
    studio.session.goTo(steps - 1);
    LatencyProbe probe(5ms);
    spinUntil(studio.session, [&] { return studio.session.shown().step == steps - 1; });
    probe.stop();
    printRow("time to step " + std::to_string(steps - 1), milliseconds(Clock::now() - start) / 1000, "s");
    printDistribution("latency of an event meanwhile", probe.delays(), "ms", atMost(latencyLimitMs));
    if (profile)
        application.printProfile(25, studio.paints.stepsOnTimeline());
    spinUntilStill(studio.paints);
    printDistribution("seek to any step", measureSeeks(studio, 40), "ms", atMost(thinnedSeekLimitMs));
    printMemory(studio.session);
}

}  // namespace bnstudio::bench
