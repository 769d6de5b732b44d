// SPDX-License-Identifier: GPL-3.0-or-later
// What a lane sees of the batch, and lanes beside each other.
#include "core/run/step.h"

#include "core/error.h"
#include "core/run/events.h"
#include "support/step_runs.h"

#include <QtTest>

using namespace bnstudio;
using namespace bnstudio::test;

class StepLanesTest : public QObject {
    Q_OBJECT

private slots:
    void groupsAreForwardsInTurn();
    void refusedGroupKeepsTheEarlierOnes();
    void rowsBeyondTheBatchAreLeftOut();
    void axesArePermuted();
    void laneOutputFeedsALane();
    void lanesOfTwoDtypes();
    void upstreamGradients();
    void numFeaturesFollowsStateOrData();
};

void StepLanesTest::groupsAreForwardsInTurn() {
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

void StepLanesTest::refusedGroupKeepsTheEarlierOnes() {
    Recipe recipe = recipeOn(pasted({5, 1}, {1, 3, 5, 7, 9}));
    recipe.lanes[0].feed = {Feed::Kind::Groups, 0, 0, 2, "NCL", 0};
    recipe.lanes[0].layer.momentum = 1.0;
    Run run(recipe);
    runTo(run, 1);
    QVERIFY(errorOf(lane(run, 0)).contains("torch.Size([1, 1])"));
    QCOMPARE(*stateOf(lane(run, 0).after).runningMean, Numbers{6});
    QCOMPARE(*stateOf(lane(run, 0).after).numBatchesTracked, 3);
}

void StepLanesTest::rowsBeyondTheBatchAreLeftOut() {
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

void StepLanesTest::axesArePermuted() {
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

void StepLanesTest::laneOutputFeedsALane() {
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

void StepLanesTest::lanesOfTwoDtypes() {
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

void StepLanesTest::upstreamGradients() {
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

void StepLanesTest::numFeaturesFollowsStateOrData() {
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

QTEST_GUILESS_MAIN(StepLanesTest)
#include "step_lanes_test.moc"
