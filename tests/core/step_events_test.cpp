// SPDX-License-Identifier: GPL-3.0-or-later
// What happens between two steps and to their batches.
#include "core/run/step.h"

#include "core/error.h"
#include "support/step_runs.h"

#include <QtTest>

#include <cmath>

using namespace bnstudio;
using namespace bnstudio::test;

class StepEventsTest : public QObject {
    Q_OBJECT

private slots:
    void eventsActBeforeTheStepInListOrder();
    void eventThatRaisesIsRecorded_data();
    void eventThatRaisesIsRecorded();
    void loadStateCopiesWhatFits();
    void newOptimizerKindForgetsItsBuffers();
    void buffersCanBeRemoved();
    void skippedStepChangesNothing();
    void batchEdits();
    void editsOfOneLaneLeaveTheOthers();
    void paddingHasNoGradient();
};

void StepEventsTest::eventsActBeforeTheStepInListOrder() {
    Recipe recipe = trainingRecipe();
    recipe.lanes[0].training.passes = {};
    insertEvent(recipe, {1, 0, SetWeight{-1, 3}});
    insertEvent(recipe, {1, 0, ResetParameters{}});
    insertEvent(recipe, {1, 0, SetBias{1, 0.1}});
    insertEvent(recipe, {1, -1, SetMomentum{1.0}});
    insertEvent(recipe, {1, -1, SetEps{2}});
    Run run(recipe);
    runTo(run, 2);
    const LaneSnapshot& step = lane(run, 1);
    QCOMPARE(*stateOf(step.before).weight, (Numbers{1, 1}));
    QCOMPARE(*stateOf(step.before).bias, (Numbers{0, 0.1}));
    QCOMPARE(*stateOf(step.before).runningMean, (Numbers{0, 0}));
    QCOMPARE(*stateOf(step.after).runningMean, step.forward.mean);
    QCOMPARE(step.forward.invstd[0], 1 / std::sqrt(step.forward.var[0] + 2));
    QCOMPARE(*stateOf(step.after).numBatchesTracked, 1);
    QVERIFY(settingsAt(recipe, 0, 1).layer.momentum == step.before->layer.options().momentum);
}

void StepEventsTest::eventThatRaisesIsRecorded_data() {
    QTest::addColumn<int>("which");
    QTest::addColumn<QString>("message");
    QTest::newRow("item of None") << 0 << "'NoneType' object does not support item assignment";
    QTest::newRow("index") << 1 << "index 2 is out of bounds for dimension 0 with size 2";
    QTest::newRow("reset without buffers") << 2 << "'NoneType' object has no attribute 'zero_'";
    QTest::newRow("state of another size") << 3 << "Error(s) in loading state_dict for BatchNorm1d";
}

void StepEventsTest::eventThatRaisesIsRecorded() {
    QFETCH(int, which);
    QFETCH(QString, message);
    Recipe recipe = trainingRecipe();
    recipe.lanes.resize(2);
    const std::vector<std::vector<Action>> actions{{SetAffine{false}, SetWeight{0, 1}},
                                                   {SetBias{2, 1}},
                                                   {RemoveBuffers{true, true}, ResetRunningStats{}},
                                                   {LoadState{{Numbers{1}, Numbers{1}, Numbers{1}, Numbers{1}, 3}}}};
    for (const Action& action : actions[static_cast<std::size_t>(which)])
        insertEvent(recipe, {1, 0, action});
    Run run(recipe);
    runTo(run, 4);
    QVERIFY2(errorOf(lane(run, 1)).startsWith(message), qPrintable(errorOf(lane(run, 1))));
    QVERIFY(lane(run, 1, 1).error.empty());
    QVERIFY(lane(run, 1).forward.mean.empty());
    QCOMPARE(lane(run, 1).after, lane(run, 1).before);
    QVERIFY(lane(run, 3).error.empty());
    QCOMPARE(run.frame(1)->x.size(), 0);
}

void StepEventsTest::loadStateCopiesWhatFits() {
    Recipe recipe = trainingRecipe();
    recipe.lanes[0].layer.dtype = DType::Float32;
    insertEvent(recipe, {1, 0, LoadState{{Numbers{0.1, 2}, Numbers{3, 4}, Numbers{5, 6}, Numbers{7, 8}, 99}}});
    Run run(recipe);
    runTo(run, 2);
    QVERIFY(lane(run, 1).error.empty());
    QCOMPARE(*stateOf(lane(run, 1).before).weight, (Numbers{static_cast<double>(0.1F), 2}));
    QCOMPARE(*stateOf(lane(run, 1).before).numBatchesTracked, 99);
    QCOMPARE(*stateOf(lane(run, 1).after).numBatchesTracked, 100);
}

void StepEventsTest::newOptimizerKindForgetsItsBuffers() {
    Recipe recipe = trainingRecipe();
    insertEvent(recipe, {2, 0, SetOptimizer{{OptimizerSpec::Kind::Sgd, 0.2, 0.9}}});
    insertEvent(recipe, {3, 0, SetOptimizer{{OptimizerSpec::Kind::Adam, 0.2}}});
    Run run(recipe);
    runTo(run, 4);
    QVERIFY(lane(run, 2).before->optimizer == lane(run, 1).after->optimizer);
    QVERIFY(!lane(run, 2).before->optimizer.weight.momentum.empty());
    QVERIFY(lane(run, 3).before->optimizer == OptimizerState{});
    QCOMPARE(lane(run, 3).after->optimizer.steps, 1);
}

void StepEventsTest::buffersCanBeRemoved() {
    Recipe recipe = trainingRecipe();
    insertEvent(recipe, {1, 0, RemoveBuffers{true, false}});
    insertEvent(recipe, {2, 0, SetMode{false}});
    insertEvent(recipe, {3, 0, RemoveBuffers{false, true}});
    Run run(recipe);
    runTo(run, 4);
    QVERIFY(!lane(run, 1).forward.updatedMean && lane(run, 1).forward.updatedVar);
    QCOMPARE(errorOf(lane(run, 2)), QString("running_mean must be defined in evaluation mode"));
    QVERIFY(lane(run, 3).error.empty() && lane(run, 3).forward.usedBatchStatistics);
    QVERIFY(std::isnan(lane(run, 3).surprise));
}

void StepEventsTest::skippedStepChangesNothing() {
    Recipe recipe = trainingRecipe();
    recipe.lanes.resize(2);
    recipe.lanes[1].feed = {Feed::Kind::LaneOutput, 0, 0, 0, "NCL", 0};
    insertEvent(recipe, {1, 0, SkipBatch{}});
    insertEvent(recipe, {1, 0, SetMomentum{0.5}});
    Run run(recipe);
    runTo(run, 3);
    QVERIFY(lane(run, 1).skipped && lane(run, 1, 1).skipped);
    QVERIFY(lane(run, 1).after->layer.state() == lane(run, 0).after->layer.state());
    QCOMPARE(*lane(run, 1).after->layer.options().momentum, 0.5);
    QVERIFY(!lane(run, 2).skipped);
}

void StepEventsTest::batchEdits() {
    Recipe recipe = recipeOn(pasted({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}));
    insertEvent(recipe, {0, -1, EditCell{1, 0, 1, 60}});
    insertEvent(recipe, {0, -1, ScaleBatch{10}});
    insertEvent(recipe, {0, -1, PadBatch{1, -1}});
    insertEvent(recipe, {2, -1, EditCell{2, 0, 0, 1}});
    insertEvent(recipe, {3, -1, PadBatch{100000000, 0}});
    Run run(recipe);
    runTo(run, 4);
    QCOMPARE(valuesOf(run.frame(0)->x), (Numbers{10, 20, 30, 40, 50, 600, 70, 80, -1, -1, -1, -1}));
    QCOMPARE(run.frame(0)->x.shape(), (Dims{3, 2, 2}));
    QCOMPARE(run.snapshot(0)->batchShape, (Dims{2, 2, 2}));
    QCOMPARE(valuesOf(run.frame(1)->x), (Numbers{1, 2, 3, 4, 5, 6, 7, 8}));
    QCOMPARE(errorOf(lane(run, 2)), QString("the edited cell [2, 0, 0] lies outside the batch of shape (2, 2, 2)"));
    QVERIFY(errorOf(lane(run, 3)).contains("takes more than 256 MiB"));
}

void StepEventsTest::editsOfOneLaneLeaveTheOthers() {
    Recipe recipe = recipeOn(pasted({2, 1}, {1, 2}));
    recipe.lanes.resize(3);
    insertEvent(recipe, {0, 1, EditCell{0, 0, 0, 7}});
    insertEvent(recipe, {0, -1, ScaleBatch{2}});
    Run run(recipe);
    runTo(run, 1);
    QCOMPARE(valuesOf(run.frame(0, 0)->x), (Numbers{2, 4}));
    QCOMPARE(valuesOf(run.frame(0, 1)->x), (Numbers{14, 4}));
    QCOMPARE(valuesOf(run.frame(0, 2)->x), (Numbers{2, 4}));
}

void StepEventsTest::paddingHasNoGradient() {
    Recipe recipe = recipeOn(pasted({2, 1}, {1, 2}));
    recipe.data.gradients = {pasted({2, 1}, {3, 4})};
    recipe.lanes[0].training.passes = {true, false};
    recipe.lanes[0].training.upstream.kind = UpstreamSpec::Kind::Source;
    insertEvent(recipe, {0, -1, PadBatch{2, 0}});
    Run run(recipe);
    runTo(run, 1);
    QCOMPARE(valuesOf(run.frame(0)->gradOutput), (Numbers{3, 4, 0, 0}));
    QCOMPARE(lane(run, 0).backward->sumDy[0], 7.0);
}

QTEST_GUILESS_MAIN(StepEventsTest)
#include "step_events_test.moc"
