// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/step.h"

#include "core/error.h"
#include "core/run/events.h"
#include "support/step_runs.h"

#include <QtTest>

#include <cmath>

using namespace bnstudio;
using namespace bnstudio::test;

class StepTest : public QObject {
    Q_OBJECT

private slots:
    void aStepIsForwardLossBackwardUpdate();
    void refusalStopsNoOtherLane();
    void refusedStepKeepsStatisticsAndGoesOn();
    void evalShowsBatchMoments();
    void emptyBatch();
    void visitorSeesWhatWasUsed();
    void whoLooksChangesNothing();
    void buffersAreReused();
    void surpriseIsInStandardErrors();
};

void StepTest::aStepIsForwardLossBackwardUpdate() {
    Run run(trainingRecipe());
    runTo(run, 2);
    // By hand with the layer, the loss and the optimiser alone.
    BatchNorm1d layer(LayerOptions{2, 1e-5, 0.1, true, true, DType::Float64});
    OptimizerState optimizer;
    for (std::int64_t step = 0; step < 2; ++step) {
        const Recipe recipe = trainingRecipe();
        Tensor x, y, dy;
        run.stream().read(step, x);
        const ForwardRecord record = layer.forward(x, &y);
        const double loss = evaluateLoss(recipe.lanes[0].training.loss, x, y, record, dy);
        const BackwardRecord gradients = layer.backward(x, dy, record, nullptr);
        optimizerStep(recipe.lanes[0].training.optimizer, optimizer, layer, gradients);
        const LaneSnapshot& snapshot = lane(run, step);
        QVERIFY(snapshot.forward == record);
        QCOMPARE(*snapshot.loss, loss);
        QVERIFY(*snapshot.backward == gradients);
        QVERIFY(snapshot.after->layer == layer);
        QVERIFY(snapshot.after->optimizer == optimizer);
        const auto frame = run.frame(step);
        QCOMPARE(valuesOf(frame->x), valuesOf(x));
        QCOMPARE(valuesOf(frame->gradOutput), valuesOf(dy));
        for (std::int64_t i = 0; i < y.size(); ++i)
            QCOMPARE(frame->transforms[static_cast<std::size_t>(i % 2)].y(x.at(i)), y.at(i));
    }
    // Statistics of y follow from those of x; the rounding of y to double is the difference.
    const LaneSnapshot& first = lane(run, 0);
    const auto frame = run.frame(0);
    double mean = 0;
    for (std::int64_t n = 0; n < 4; ++n)
        mean += frame->transforms[1].y(frame->x.at(n * 2 + 1)) / 4;
    QVERIFY(std::abs(first.outputMean[1] - mean) < 1e-15);
}

void StepTest::refusalStopsNoOtherLane() {
    Recipe recipe = recipeOn(normal(1, 3));
    recipe.lanes.resize(4);
    recipe.lanes[1].trainMode = false;
    recipe.lanes[2].layer.numFeatures = 4;
    recipe.lanes[2].trainMode = false;
    recipe.lanes[3].feed = {Feed::Kind::LaneOutput, 0, 0, 0, "NCL", 0};
    recipe.lanes[0].name = "first";
    Run run(recipe);
    runTo(run, 2);
    QVERIFY(errorOf(lane(run, 1, 0)).startsWith("Expected more than 1 value per channel when training"));
    QVERIFY(lane(run, 1, 1).error.empty());
    QCOMPARE(errorOf(lane(run, 1, 2)), QString("running_mean should contain 3 elements not 4"));
    QCOMPARE(errorOf(lane(run, 1, 3)), QString("no input: lane first refused its batch"));
    QCOMPARE(*stateOf(lane(run, 1, 0).after).numBatchesTracked, 2);
    QCOMPARE(*stateOf(lane(run, 1, 3).after).numBatchesTracked, 0);
}

// The counter's quirk: after a refused batch the next one weighs 1/2 with momentum None.
void StepTest::refusedStepKeepsStatisticsAndGoesOn() {
    Recipe recipe = recipeOn(pasted({1, 1}, {7}));
    recipe.data.sources.push_back(pasted({2, 1}, {1, 3}));
    recipe.lanes[0].layer.momentum.reset();
    Run run(recipe);
    runTo(run, 2);
    const LaneSnapshot& refused = lane(run, 0);
    QVERIFY(refused.forward.mean.empty() && refused.outputMean.empty());
    QCOMPARE(refused.batch.mean[0], 7.0);
    QCOMPARE(refused.inputShape, (Dims{1, 1}));
    QVERIFY(run.frame(0)->transforms.empty());
    QCOMPARE(valuesOf(run.frame(0)->x), Numbers{7});
    QCOMPARE(lane(run, 1).forward.factor, 0.5);
    QCOMPARE((*stateOf(lane(run, 1).after).runningMean)[0], 1.0);
}

void StepTest::evalShowsBatchMoments() {
    Recipe recipe = trainingRecipe();
    recipe.lanes[0].trainMode = false;
    recipe.lanes[0].training = {};
    Run run(recipe);
    runTo(run, 1);
    QCOMPARE(lane(run, 0).forward.mean, (Numbers{0, 0}));
    QCOMPARE(lane(run, 0).batch.mean, (Numbers{4, 4.25}));
    QCOMPARE(lane(run, 0).outputMean[0], 4 * lane(run, 0).forward.invstd[0]);
}

void StepTest::emptyBatch() {
    for (const LossSpec::Kind kind : {LossSpec::Kind::MseTarget, LossSpec::Kind::Sum}) {
        Recipe recipe = recipeOn(pasted({0, 3}, {}));
        recipe.lanes[0].training.passes = {true, true};
        recipe.lanes[0].training.loss.kind = kind;
        recipe.lanes[0].training.optimizer.kind = OptimizerSpec::Kind::Sgd;
        Run run(recipe);
        const auto step = runTo(run, 1);
        QVERIFY(step->error.empty());
        QCOMPARE(*step->backward->gradWeight, (Numbers{0, 0, 0}));
        QCOMPARE(*stateOf(step->after).numBatchesTracked, 1);
        QCOMPARE(*stateOf(step->after).runningMean, (Numbers{0, 0, 0}));
        QCOMPARE(std::isnan(*step->loss), kind == LossSpec::Kind::MseTarget);
        QVERIFY(run.frame(0)->transforms.empty());
    }
}

void StepTest::visitorSeesWhatWasUsed() {
    Run run(trainingRecipe()), plain(trainingRecipe());
    int visits = 0;
    run.advanceVisiting([&](int index, const Run::StepTensors& tensors) {
        ++visits;
        QCOMPARE(index, 0);
        runTo(plain, 1);
        const auto frame = plain.frame(0);
        QCOMPARE(valuesOf(*tensors.x), valuesOf(frame->x));
        QCOMPARE(valuesOf(*tensors.gradOutput), valuesOf(frame->gradOutput));
        for (std::int64_t i = 0; i < 8; ++i) {
            const ChannelTransform& t = frame->transforms[static_cast<std::size_t>(i % 2)];
            QCOMPARE(tensors.y->at(i), t.y(frame->x.at(i)));
            QCOMPARE(tensors.gradInput->at(i), t.gradInput(frame->x.at(i), frame->gradOutput.at(i)));
        }
    });
    QCOMPARE(visits, 1);
    Recipe forward = trainingRecipe();
    forward.lanes[0].training = {};
    Run other(forward);
    other.advanceVisiting([&](int, const Run::StepTensors& tensors) {
        QVERIFY(tensors.y != nullptr && tensors.gradOutput == nullptr && tensors.gradInput == nullptr);
    });
}

void StepTest::whoLooksChangesNothing() {
    Recipe recipe = trainingRecipe();
    recipe.lanes[0].training.loss = {};
    recipe.lanes[0].training.upstream = {UpstreamSpec::Kind::Random, 1};
    Run plain(recipe), watched(recipe);
    for (std::int64_t step = 0; step < 5; ++step) {
        runTo(plain, step + 1);
        watched.advanceVisiting([](int, const Run::StepTensors&) {});
        const LaneSnapshot &a = lane(plain, step), &b = lane(watched, step);
        QVERIFY(*a.after == *b.after && a.forward == b.forward && *a.backward == *b.backward);
        QCOMPARE(a.outputVar, b.outputVar);
    }
}

void StepTest::buffersAreReused() {
    Recipe recipe = trainingRecipe();
    recipe.lanes[0].feed = {Feed::Kind::Rows, 0, 3, 0, "NCL", 0};
    validate(recipe);
    const auto stream = BatchStream::open(recipe.data, DType::Float64);
    State state{std::make_shared<LaneState>(initialLaneState(recipe.lanes[0], 2))};
    Workspace workspace;
    std::vector<const std::byte*> first;
    for (std::int64_t step = 0; step < 4; ++step) {
        const StepRequest request{.recipe = recipe,
                                  .stream = *stream,
                                  .step = step,
                                  .onlyLane = {},
                                  .forcedMode = {},
                                  .visit = [](int, const Run::StepTensors&) {},
                                  .stop = {}};
        state = {computeStep(request, state, workspace)->lanes[0]->after};
        const Workspace::Lane& tensors = workspace.lanes[0];
        const std::vector<const std::byte*> now{workspace.batch.bytes(), tensors.fed.bytes(), tensors.y.bytes(),
                                                tensors.dy.bytes(), tensors.gradInput.bytes()};
        if (step == 0)
            first = now;
        QVERIFY(now == first);
    }
}

// Running mean 0 and variance 1, batch mean 3 of n = 4: three times √4 standard errors.
void StepTest::surpriseIsInStandardErrors() {
    Run run(recipeOn(pasted({4, 2}, {2, 2, 4, 4, 2, 2, 4, 4})));
    QCOMPARE(runTo(run, 1)->surprise, 6.0);
}

QTEST_GUILESS_MAIN(StepTest)
#include "step_test.moc"
