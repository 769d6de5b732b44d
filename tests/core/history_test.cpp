// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/parallel/parallel.h"
#include "core/run/snapshot_bytes.h"
#include "support/recipes.h"

#include <QtTest>

#include <cmath>
#include <limits>
#include <random>

using namespace bnstudio;
using namespace bnstudio::test;

namespace {

/// Two training lanes, one fed by the other, on noisy data with NaN-free values: every buffer there is moves.
Recipe busyRecipe(OptimizerSpec::Kind optimizer) {
    GeneratorSpec source = normal(24, 5, 1, 2);
    source.l = 3;
    source.outliers = 0.05;
    source.drift = {0.01};
    Recipe recipe = recipeOn(source);
    recipe.lanes.resize(2);
    recipe.lanes[1].feed = {Feed::Kind::LaneOutput, 0, 0, 0, "NCL", 0};
    for (LaneSpec& lane : recipe.lanes) {
        lane.training.passes = {true, true};
        lane.training.loss = {LossSpec::Kind::MseTeacher, {0}, {1.5}, {-0.5}};
        lane.training.optimizer.kind = optimizer;
        lane.training.optimizer.lr = 0.01;
        lane.training.optimizer.momentum = optimizer == OptimizerSpec::Kind::Sgd ? 0.9 : 0;
    }
    recipe.lanes[1].training.loss = {};
    recipe.lanes[1].training.upstream = {UpstreamSpec::Kind::Random, 5};
    insertEvent(recipe, {17, 0, SetMomentum{std::nullopt}});
    insertEvent(recipe, {25, -1, EditCell{1, 1, 1, 50}});
    insertEvent(recipe, {31, 1, SetWeight{2, 3}});
    insertEvent(recipe, {40, 0, SkipBatch{}});
    return recipe;
}

/// Everything of a snapshot as text; floats as hexadecimal, so that equal texts mean equal bits.
QString textOf(const Snapshot& snapshot) {
    QString text = QString::number(snapshot.step);
    const auto add = [&text](const char* name, const std::vector<double>& values) {
        text += QString("\n  %1").arg(name);
        for (const double value : values)
            text += QString(" %1").arg(QString::asprintf("%a", value));
    };
    const auto addState = [&](const LaneState& lane) {
        const LayerState& state = lane.layer.state();
        for (const auto* values : {&state.weight, &state.bias, &state.runningMean, &state.runningVar})
            add("state", values->value_or(ChannelVector()));
        for (const auto* buffers : {&lane.optimizer.weight, &lane.optimizer.bias}) {
            add("momentum", buffers->momentum);
            add("exp_avg", buffers->expAvg);
            add("exp_avg_sq", buffers->expAvgSq);
        }
        text += QString(" %1 %2").arg(state.numBatchesTracked.value_or(-1)).arg(lane.optimizer.steps);
    };
    for (const auto& lane : snapshot.lanes) {
        addState(*lane->before);
        addState(*lane->after);
        add("mean", lane->forward.mean);
        add("var", lane->forward.var);
        add("batch", lane->batch.var);
        add("output", lane->outputVar);
        add("scalars", {lane->loss.value_or(-1), lane->surprise});
        if (lane->backward) {
            add("dy", lane->backward->sumDy);
            add("dy·x̂", lane->backward->sumDyXhat);
        }
        text += QString::fromStdString(lane->error) + (lane->skipped ? " skipped" : "");
    }
    return text;
}

QString textOf(const Frame& frame) {
    QString text;
    for (const Tensor* tensor : {&frame.x, &frame.gradOutput})
        text += QString::fromLatin1(
            QByteArray(reinterpret_cast<const char*>(tensor->bytes()), static_cast<qsizetype>(tensor->byteSize()))
                .toHex());
    for (const ChannelTransform& t : frame.transforms)
        text += QString::asprintf(" %a %a %a %a %a", t.mean, t.invstd, t.weight, t.bias, t.gradVarTerm);
    return text;
}

QStringList texts(Run& run, std::int64_t steps) {
    QStringList result;
    while (run.head() < steps)
        result << textOf(*run.advance());
    return result;
}

}  // namespace
Q_DECLARE_METATYPE(OptimizerSpec::Kind)

class HistoryTest : public QObject {
    Q_OBJECT
private slots:
    void seekingUnderATinyBudgetGivesTheSameBytes_data();
    void seekingUnderATinyBudgetGivesTheSameBytes();
    void framesAreTheSameFromTheWorkspaceAndReplayed();
    void budgetIsKept();
    void sharedStatesAreCountedOnce();
    void threadsDoNotChangeAByte();
    void anEventInThePastRecomputesWhatFollows_data();
    void anEventInThePastRecomputesWhatFollows();
    void aNameRecomputesNothing();
    void otherDataStartsOver();
    void aRecipeThatCannotOpenLeavesTheRun();
    void stopLeavesTheRunValid();
    void peekRecordsNothing();
    void anUncomputedStepIsRefused();
};

void HistoryTest::seekingUnderATinyBudgetGivesTheSameBytes_data() {
    QTest::addColumn<OptimizerSpec::Kind>("optimizer");
    QTest::addColumn<int>("budget");
    for (const int budget : {1, 60000, 400000}) {
        QTest::addRow("SGD with momentum, %d bytes", budget) << OptimizerSpec::Kind::Sgd << budget;
        QTest::addRow("Adam, %d bytes", budget) << OptimizerSpec::Kind::Adam << budget;
    }
}

void HistoryTest::seekingUnderATinyBudgetGivesTheSameBytes() {
    QFETCH(OptimizerSpec::Kind, optimizer);
    QFETCH(int, budget);
    constexpr std::int64_t steps = 200;
    RunLimits limits;
    limits.historyBytes = static_cast<std::size_t>(budget);
    Run run(busyRecipe(optimizer), limits);
    const QStringList fresh = texts(run, steps);
    QVERIFY2(!run.isKept(20), "the budget is too small for all steps");
    std::mt19937 random(1);
    std::uniform_int_distribution<int> anyStep(0, steps - 1);
    for (int i = 0; i < 60; ++i) {
        const int step = anyStep(random);
        QCOMPARE(textOf(*run.snapshot(step)), fresh[step]);
    }
    for (int step = steps - 1; step >= steps - 40; --step)
        QCOMPARE(textOf(*run.snapshot(step)), fresh[step]);
    // Going on from the head after all that seeking is going on.
    Run unlimited(busyRecipe(optimizer));
    QCOMPARE(texts(unlimited, steps + 5).mid(steps), texts(run, steps + 5));
}

void HistoryTest::framesAreTheSameFromTheWorkspaceAndReplayed() {
    Run run(busyRecipe(OptimizerSpec::Kind::Sgd));
    QList<QStringList> fresh(2);
    while (run.head() < 45) {
        run.advance();
        for (int lane = 0; lane < 2; ++lane)
            fresh[lane] << textOf(*run.frame(run.head() - 1, lane));
    }
    for (int step = 44; step >= 0; step -= 3) {
        for (int lane = 0; lane < 2; ++lane)
            QCOMPARE(textOf(*run.frame(step, lane)), fresh[lane][step]);
    }
    QVERIFY(run.frame(44, 1)->gradOutput.size() > 0);
    QCOMPARE(run.frame(40, 0)->x.size(), 0);  // skipped
    // The edited cell of step 25, (n, c, l) = (1, 1, 1).
    QCOMPARE(run.frame(25)->x.at((1 * 5 + 1) * 3 + 1), 50.0);
}

void HistoryTest::budgetIsKept() {
    RunLimits limits;
    limits.historyBytes = 300000;
    Run run(busyRecipe(OptimizerSpec::Kind::Adam), limits);
    for (int step = 0; step < 2000; ++step) {
        run.advance();
        QVERIFY(run.historyBytes() <= limits.historyBytes);
    }
    for (int step = 0; step < 2000; step += 173) {
        run.snapshot(step);
        QVERIFY(run.historyBytes() <= limits.historyBytes);
    }
}

void HistoryTest::sharedStatesAreCountedOnce() {
    Run run(recipeOn(normal(8, 300)));
    const std::size_t empty = run.historyBytes();
    run.advance();
    const std::size_t one = run.historyBytes() - empty;
    run.advance();
    const std::size_t two = run.historyBytes() - empty - one;
    // A step adds one state, `after`; its `before` is the `after` of the step before.
    const auto snapshot = run.snapshot(1);
    QCOMPARE(snapshot->lanes[0]->before, run.snapshot(0)->lanes[0]->after);
    QVERIFY(two < snapshot->byteSize() - byteSize(*snapshot->lanes[0]->before) + 500);
    QVERIFY(two > byteSizeWithoutStates(*snapshot));
}

void HistoryTest::threadsDoNotChangeAByte() {
    Recipe recipe = busyRecipe(OptimizerSpec::Kind::Adam);
    auto& source = std::get<GeneratorSpec>(recipe.data.sources[0]);
    source.n = 700;  // several chunks a channel
    source.l = 11;
    QList<QStringList> results;
    for (const int threads : {1, 2, 5}) {
        Arena arena(threads);
        arena.run([&] {
            Run run(recipe);
            QStringList result = texts(run, 30);
            result << textOf(*run.frame(29, 1)) << textOf(*run.frame(3, 0));
            results << result;
        });
    }
    QCOMPARE(results[1], results[0]);
    QCOMPARE(results[2], results[0]);
}

void HistoryTest::anEventInThePastRecomputesWhatFollows_data() {
    QTest::addColumn<int>("budget");
    QTest::newRow("everything kept") << (1 << 28);
    QTest::newRow("thinned out") << 50000;
}

void HistoryTest::anEventInThePastRecomputesWhatFollows() {
    QFETCH(int, budget);
    RunLimits limits;
    limits.historyBytes = static_cast<std::size_t>(budget);
    Run run(busyRecipe(OptimizerSpec::Kind::Sgd), limits);
    const QStringList before = texts(run, 80);
    const auto kept = run.snapshot(32);
    const std::uint64_t generation = run.series().generation();
    const SeriesView oldSeries = run.series();
    const double oldValue = oldSeries.at(Quantity::RunningMean, 60, 0);

    Recipe edited = run.recipe();
    insertEvent(edited, {33, 0, SetMode{false}});
    QCOMPARE(run.setRecipe(edited), std::int64_t{33});
    QCOMPARE(run.head(), 33);
    QVERIFY(run.series().generation() > generation);
    QCOMPARE(run.series().length(), 33);
    QCOMPARE(run.snapshot(32), kept);
    const QStringList after = texts(run, 80);
    QVERIFY(after.first() != before[33]);

    Run fresh(edited);
    QCOMPARE(before.mid(0, 33) + after, texts(fresh, 80));
    QCOMPARE(oldSeries.at(Quantity::RunningMean, 60, 0), oldValue);
    for (const std::int64_t step : {10, 33, 60, 79})
        QCOMPARE(run.series().at(Quantity::RunningMean, step, 0), fresh.series().at(Quantity::RunningMean, step, 0));

    // Undo: the previous recipe.
    QCOMPARE(run.setRecipe(busyRecipe(OptimizerSpec::Kind::Sgd)), std::int64_t{33});
    QCOMPARE(texts(run, 80), before.mid(33));
}

void HistoryTest::aNameRecomputesNothing() {
    Run run(busyRecipe(OptimizerSpec::Kind::Sgd));
    texts(run, 10);
    const auto snapshot = run.snapshot(9);
    Recipe renamed = run.recipe();
    renamed.name = "other";
    renamed.lanes[1].name = "other";
    insertEvent(renamed, {12, -1, SkipBatch{}});
    QCOMPARE(run.setRecipe(renamed), std::int64_t{10});
    QCOMPARE(run.snapshot(9), snapshot);
    QVERIFY(run.recipe() == renamed);
    runTo(run, 13);
    QVERIFY(run.snapshot(12)->lanes[0]->skipped);
}

void HistoryTest::otherDataStartsOver() {
    Run run(busyRecipe(OptimizerSpec::Kind::Sgd));
    texts(run, 10);
    const std::uint64_t generation = run.series().generation();
    const BatchStream* stream = &run.stream();
    Recipe recipe = run.recipe();
    recipe.lanes[0].layer.momentum = 0.5;
    QCOMPARE(run.setRecipe(recipe), std::int64_t{0});
    QCOMPARE(&run.stream(), stream);  // the data stays open
    QVERIFY(run.series().generation() > generation);
    std::get<GeneratorSpec>(recipe.data.sources[0]).seed = 7;
    QCOMPARE(run.setRecipe(recipe), std::int64_t{0});
    Run fresh(recipe);
    QCOMPARE(texts(run, 10), texts(fresh, 10));
}

void HistoryTest::aRecipeThatCannotOpenLeavesTheRun() {
    Run run(busyRecipe(OptimizerSpec::Kind::Sgd));
    texts(run, 5);
    const auto snapshot = run.snapshot(4);
    Recipe broken = run.recipe();
    broken.data.sources[0] = FileSpec{"/nonexistent/file.npy", "", 0, 0, ""};
    QVERIFY_EXCEPTION_THROWN(run.setRecipe(broken), Error);
    broken = run.recipe();
    broken.lanes.clear();
    QVERIFY_EXCEPTION_THROWN(run.setRecipe(broken), Error);
    QCOMPARE(run.head(), 5);
    QCOMPARE(run.snapshot(4), snapshot);
    Run fresh(busyRecipe(OptimizerSpec::Kind::Sgd));
    texts(fresh, 5);
    QCOMPARE(texts(run, 8), texts(fresh, 8));
}

void HistoryTest::stopLeavesTheRunValid() {
    RunLimits limits;
    limits.historyBytes = 1;
    Run run(busyRecipe(OptimizerSpec::Kind::Sgd), limits);
    const QStringList fresh = texts(run, 50);
    std::stop_source stopped;
    stopped.request_stop();
    const auto codeOf = [](const auto& action) {
        try {
            action();
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::Usage;
    };
    QCOMPARE(codeOf([&] { run.advance(stopped.get_token()); }), ErrorCode::Cancelled);
    QCOMPARE(codeOf([&] { run.snapshot(20, stopped.get_token()); }), ErrorCode::Cancelled);
    QCOMPARE(codeOf([&] { run.frame(20, 0, stopped.get_token()); }), ErrorCode::Cancelled);
    Recipe edited = run.recipe();
    insertEvent(edited, {20, 0, SetMode{false}});
    QCOMPARE(codeOf([&] { run.setRecipe(edited, {}, stopped.get_token()); }), ErrorCode::Cancelled);
    QCOMPARE(run.head(), 50);
    QCOMPARE(run.series().length(), 50);
    QVERIFY(run.recipe() == busyRecipe(OptimizerSpec::Kind::Sgd));
    QCOMPARE(textOf(*run.snapshot(20)), fresh[20]);
}

void HistoryTest::peekRecordsNothing() {
    Run run(busyRecipe(OptimizerSpec::Kind::Sgd));
    const QStringList fresh = texts(run, 20);
    const auto peeked = run.peek(12, 1, false);
    QVERIFY(!peeked->snapshot->forward.usedBatchStatistics);
    QCOMPARE(peeked->snapshot->after->layer.state().runningMean,
             run.snapshot(11)->lanes[1]->after->layer.state().runningMean);
    QCOMPARE(textOf(*run.snapshot(12)), fresh[12]);
    QCOMPARE(run.head(), 20);
    // In the mode it had anyway, a peek is the step.
    QCOMPARE(textOf(*run.peek(12, 1, true)), textOf(*run.frame(12, 1)));
}

void HistoryTest::anUncomputedStepIsRefused() {
    Run run(recipeOn(normal(4, 2)));
    QVERIFY_EXCEPTION_THROWN(run.snapshot(0), Error);
    // A look at the step to come, before there is any.
    QVERIFY(run.peek(0, 0, false)->snapshot->error.empty());
    QVERIFY_EXCEPTION_THROWN(run.peek(1, 0, false), Error);
    QVERIFY_EXCEPTION_THROWN(run.peek(0, 1, false), Error);
    QCOMPARE(run.head(), 0);
    run.advance();
    QVERIFY_EXCEPTION_THROWN(run.snapshot(1), Error);
    QVERIFY_EXCEPTION_THROWN(run.snapshot(-1), Error);
    QVERIFY_EXCEPTION_THROWN(run.frame(0, 1), Error);
}

QTEST_GUILESS_MAIN(HistoryTest)
#include "history_test.moc"
