// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/step.h"

#include "core/error.h"
#include "core/run/events.h"
#include "support/recipes.h"

#include <QtTest>

#include <cmath>
#include <limits>

using namespace bnstudio;
using namespace bnstudio::test;

namespace {

using Numbers = std::vector<double>;

const LaneSnapshot& lane(Run& run, std::int64_t step, std::size_t index = 0) {
    return *run.snapshot(step)->lanes[index];
}

Numbers valuesOf(const Tensor& tensor) {
    Numbers values;
    for (std::int64_t i = 0; i < tensor.size(); ++i)
        values.push_back(tensor.at(i));
    return values;
}

QString errorOf(const LaneSnapshot& snapshot) {
    return QString::fromStdString(snapshot.error);
}

/// Float64, trained with the given settings on two batches of four samples and two channels.
Recipe trainingRecipe() {
    Recipe recipe = recipeOn(pasted({8, 2}, {1, 5, 2, 3, 4, 8, 9, 1, -1, 0, 2, 2, 5, 7, 6, 3}));
    recipe.data.batchSize = 4;
    recipe.lanes[0].layer.dtype = DType::Float64;
    recipe.lanes[0].training.passes = {true, true};
    recipe.lanes[0].training.loss = {LossSpec::Kind::MseTarget, {0.5, -1}, {1}, {0}};
    recipe.lanes[0].training.optimizer = {OptimizerSpec::Kind::Sgd, 0.1, 0.9};
    return recipe;
}

}  // namespace

class StepTest : public QObject {
    Q_OBJECT
private slots:
    void aStepIsForwardLossBackwardUpdate();
    void refusalStopsNoOtherLane();
    void refusedStepKeepsStatisticsAndGoesOn();
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
    void evalShowsBatchMoments();
    void emptyBatch();
    void groupsAreForwardsInTurn();
    void refusedGroupKeepsTheEarlierOnes();
    void rowsBeyondTheBatchAreLeftOut();
    void axesArePermuted();
    void laneOutputFeedsALane();
    void lanesOfTwoDtypes();
    void upstreamGradients();
    void numFeaturesFollowsStateOrData();
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

void StepTest::eventsActBeforeTheStepInListOrder() {
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

void StepTest::eventThatRaisesIsRecorded_data() {
    QTest::addColumn<int>("which");
    QTest::addColumn<QString>("message");
    QTest::newRow("item of None") << 0 << "'NoneType' object does not support item assignment";
    QTest::newRow("index") << 1 << "index 2 is out of bounds for dimension 0 with size 2";
    QTest::newRow("reset without buffers") << 2 << "'NoneType' object has no attribute 'zero_'";
    QTest::newRow("state of another size") << 3 << "Error(s) in loading state_dict for BatchNorm1d";
}

void StepTest::eventThatRaisesIsRecorded() {
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

void StepTest::loadStateCopiesWhatFits() {
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

void StepTest::newOptimizerKindForgetsItsBuffers() {
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

void StepTest::buffersCanBeRemoved() {
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

void StepTest::skippedStepChangesNothing() {
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

void StepTest::batchEdits() {
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

void StepTest::editsOfOneLaneLeaveTheOthers() {
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

void StepTest::paddingHasNoGradient() {
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

void StepTest::groupsAreForwardsInTurn() {
    Recipe grouped = trainingRecipe(), single = trainingRecipe();
    grouped.data.batchSize = 8;
    grouped.lanes[0].feed = {Feed::Kind::Groups, 0, 0, 4, "NCL", 0};
    for (Recipe* recipe : {&grouped, &single})
        recipe->lanes[0].training.passes = {true, false};
    Run one(grouped), two(single);
    runTo(one, 1);
    runTo(two, 2);
    const LaneSnapshot& groups = lane(one, 0);
    QCOMPARE(groups.groups, 2);
    QVERIFY(groups.after->layer.state() == lane(two, 1).after->layer.state());
    QVERIFY(groups.forward == lane(two, 1).forward);
    QCOMPARE(valuesOf(one.frame(0)->x), valuesOf(two.frame(1)->x));
    // Halves of two mean losses; a factor of a half is exact.
    QCOMPARE(*groups.loss, *lane(two, 0).loss / 2 + *lane(two, 1).loss / 2);
    for (std::size_t c = 0; c < 2; ++c)
        QCOMPARE((*groups.backward->gradWeight)[c],
                 (*lane(two, 0).backward->gradWeight)[c] / 2 + (*lane(two, 1).backward->gradWeight)[c] / 2);
}

void StepTest::refusedGroupKeepsTheEarlierOnes() {
    Recipe recipe = recipeOn(pasted({5, 1}, {1, 3, 5, 7, 9}));
    recipe.lanes[0].feed = {Feed::Kind::Groups, 0, 0, 2, "NCL", 0};
    recipe.lanes[0].layer.momentum = 1.0;
    Run run(recipe);
    runTo(run, 1);
    QVERIFY(errorOf(lane(run, 0)).contains("torch.Size([1, 1])"));
    QCOMPARE(*stateOf(lane(run, 0).after).runningMean, Numbers{6});
    QCOMPARE(*stateOf(lane(run, 0).after).numBatchesTracked, 3);
}

void StepTest::rowsBeyondTheBatchAreLeftOut() {
    Recipe recipe = recipeOn(pasted({5, 1}, {1, 2, 3, 4, 5}));
    recipe.lanes.resize(2);
    recipe.lanes[0].feed = {Feed::Kind::Rows, 3, 10, 0, "NCL", 0};
    recipe.lanes[1].feed = {Feed::Kind::Rows, 7, 9, 0, "NCL", 0};
    Run run(recipe);
    runTo(run, 1);
    QCOMPARE(valuesOf(run.frame(0, 0)->x), (Numbers{4, 5}));
    QCOMPARE(lane(run, 0, 1).inputShape, (Dims{0, 1}));
    QVERIFY(lane(run, 0, 1).error.empty());
}

void StepTest::axesArePermuted() {
    Numbers values;
    for (int i = 0; i < 24; ++i)
        values.push_back(i);
    Recipe recipe = recipeOn(pasted({2, 3, 4}, values));
    recipe.lanes.resize(3);
    recipe.lanes[0].feed = {Feed::Kind::AxisRoles, 0, 0, 0, "NLC", 0};
    recipe.lanes[1].feed = {Feed::Kind::AxisRoles, 0, 0, 0, "CLN", 0};
    recipe.lanes[2].feed = {Feed::Kind::AxisRoles, 0, 0, 0, "LNC", 0};
    recipe.lanes[0].layer.dtype = DType::Float64;
    Run run(recipe);
    runTo(run, 1);
    const std::vector<Dims> shapes{{2, 4, 3}, {4, 2, 3}, {3, 4, 2}};
    for (int which = 0; which < 3; ++which) {
        const auto frame = run.frame(0, which);
        const Tensor& x = frame->x;
        const Dims& shape = shapes[static_cast<std::size_t>(which)];
        QCOMPARE(x.shape(), shape);
        QCOMPARE(lane(run, 0, static_cast<std::size_t>(which)).after->layer.options().numFeatures, shape[1]);
        for (std::int64_t n = 0; n < shape[0]; ++n) {
            for (std::int64_t c = 0; c < shape[1]; ++c) {
                for (std::int64_t l = 0; l < shape[2]; ++l) {
                    const std::int64_t source = which == 0   ? n * 12 + l * 4 + c
                                                : which == 1 ? c * 12 + l * 4 + n
                                                             : l * 12 + n * 4 + c;
                    QCOMPARE(x.at((n * shape[1] + c) * shape[2] + l), static_cast<double>(source));
                }
            }
        }
    }
}

void StepTest::laneOutputFeedsALane() {
    Recipe recipe = trainingRecipe();
    recipe.lanes.resize(3);
    recipe.lanes[1].layer.dtype = DType::Float64;
    recipe.lanes[1].feed = {Feed::Kind::LaneOutput, 0, 0, 0, "NCL", 0};
    recipe.lanes[2].layer.dtype = DType::Float64;
    recipe.lanes[2].feed = {Feed::Kind::Groups, 0, 0, 2, "NCL", 0};
    recipe.lanes.push_back(recipe.lanes[1]);
    recipe.lanes[3].feed.lane = 2;
    Run run(recipe);
    Numbers y, grouped;
    run.advanceVisiting([&](int index, const Run::StepTensors& tensors) {
        if (index == 0)
            y = valuesOf(*tensors.y);
        if (index == 2)
            grouped = valuesOf(*tensors.y);
    });
    QCOMPARE(valuesOf(run.frame(0, 1)->x), y);
    // The output of the groups is the whole batch; the tensors handed out are those of the last group.
    const Numbers whole = valuesOf(run.frame(0, 3)->x);
    QCOMPARE(whole.size(), 8U);
    QCOMPARE(Numbers(whole.begin() + 4, whole.end()), grouped);
    QVERIFY(!run.snapshot(0)->population);
}

void StepTest::lanesOfTwoDtypes() {
    Recipe recipe = recipeOn(normal(16, 2, 1e4, 0.1));
    recipe.lanes.resize(2);
    recipe.lanes[1].layer.dtype = DType::Float64;
    Run both(recipe);
    runTo(both, 2);
    QCOMPARE(both.frame(1, 0)->x.dtype(), DType::Float32);
    QCOMPARE(both.frame(1, 1)->x.dtype(), DType::Float64);
    QVERIFY(lane(both, 1, 0).error.empty() && lane(both, 1, 1).error.empty());
    for (std::int64_t i = 0; i < 32; ++i)
        QCOMPARE(both.frame(1, 0)->x.at(i), static_cast<double>(static_cast<float>(both.frame(1, 1)->x.at(i))));
}

void StepTest::upstreamGradients() {
    Recipe recipe = recipeOn(normal(6, 2));
    recipe.lanes.resize(3);
    for (LaneSpec& spec : recipe.lanes)
        spec.training.passes = {true, false};
    recipe.lanes[0].training.upstream.kind = UpstreamSpec::Kind::Ones;
    recipe.lanes[1].training.upstream = {UpstreamSpec::Kind::Random, 3};
    Run run(recipe);
    runTo(run, 3);
    QCOMPARE(lane(run, 0, 0).backward->sumDy, (Numbers{6, 6}));
    QVERIFY(!lane(run, 0, 2).backward);
    const Numbers first = valuesOf(run.frame(0, 1)->gradOutput), second = valuesOf(run.frame(1, 1)->gradOutput);
    QCOMPARE(first.size(), 12U);
    QVERIFY(first != second);
    Run again(recipe);
    runTo(again, 1);
    QCOMPARE(valuesOf(again.frame(0, 1)->gradOutput), first);
    // A per-channel list of the wrong length is refused before the forward.
    recipe.lanes[0].training.loss = {LossSpec::Kind::MseTarget, {1, 2, 3}, {1}, {0}};
    Run wrong(recipe);
    runTo(wrong, 1);
    QCOMPARE(errorOf(lane(wrong, 0)),
             QString("target of the loss has 3 values, expected 1 or one for each of the 2 channels"));
    QCOMPARE(*stateOf(lane(wrong, 0).after).numBatchesTracked, 0);
}

void StepTest::numFeaturesFollowsStateOrData() {
    LaneSpec spec;
    QCOMPARE(initialLaneState(spec, 5).layer.options().numFeatures, 5);
    spec.initialState = LayerState{std::nullopt, std::nullopt, std::nullopt, Numbers{0.1, 2, 3}, 4};
    const LaneState state = initialLaneState(spec, 5);
    QCOMPARE(state.layer.options().numFeatures, 3);
    QVERIFY(!state.layer.state().weight);
    QCOMPARE((*state.layer.state().runningVar)[0], static_cast<double>(0.1F));
    spec.layer.numFeatures = 7;
    QCOMPARE(initialLaneState(spec, 5).layer.options().numFeatures, 7);
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
