// SPDX-License-Identifier: GPL-3.0-or-later
// What people get wrong about batch norm, each as a recipe with the figures it must show. PyTorch defaults and seed 42
// unless said. Figures of random data carry tolerances of a few standard errors, worked out beside them.
#include "core/error.h"
#include "support/scenario_runs.h"

#include <QtTest>

#include <cmath>

using namespace bnstudio;
using namespace bnstudio::test;

class ScenariosTest : public QObject {
    Q_OBJECT

private slots:
    void momentumIsTheWeightOfTheNew_data();
    void momentumIsTheWeightOfTheNew();
    void biasedForTheOutputUnbiasedForTheBuffer();
    void momentumOneStillDiffersInEval();
    void andItCompounds();
    void evalIsWorseEarly();
    void smallMomentumLeavesAGap();
    void oneSampleIsRefused();
    void twoSamplesGivePlusMinusOne();
    void theLastBatchHasOneSample();
    void momentumNoneIsNotZero();
    void frozenWeightsMovingStatistics();
    void aForwardAloneChangesEval();
    void gradientAccumulationIsNoBiggerBatch();
};

// Row 1. A constant mean 5 with exact batches: running_mean after k steps is 5·(1 − (1 − m)^k).
void ScenariosTest::momentumIsTheWeightOfTheNew_data() {
    QTest::addColumn<double>("momentum");
    QTest::addColumn<int>("steps");
    QTest::newRow("0.1") << 0.1 << 44;
    QTest::newRow("0.01") << 0.01 << 459;
    QTest::newRow("0.9") << 0.9 << 2;
}

void ScenariosTest::momentumIsTheWeightOfTheNew() {
    QFETCH(double, momentum);
    QFETCH(int, steps);
    Recipe recipe = recipeOn(pairAround(5, 2));
    recipe.lanes[0].layer.momentum = momentum;
    recipe.lanes[0].layer.dtype = DType::Float64;
    Run run(recipe);
    QVERIFY(runningMean(*runTo(run, steps - 1)) < 0.99 * 5 - 1e-12);
    // 1 − 0.9² is 0.99 but for the last bits.
    QVERIFY(runningMean(*runTo(run, steps)) >= 0.99 * 5 - 1e-12);
}

// Row 2. Four values a channel with Σd² = 10: 2.5 normalises, 10/3 goes to the buffer; sixteen with Σd² = 40: 2.5
// against 2.6667.
void ScenariosTest::biasedForTheOutputUnbiasedForTheBuffer() {
    std::vector<double> values;
    for (int i = 0; i < 16; ++i)
        for (int c = 0; c < 3; ++c)
            values.push_back(i % 4 == 0 ? -2 : i % 4 == 1 ? 2 : i % 4 == 2 ? -1 : 1);
    Recipe recipe = recipeOn(pasted({16, 3}, values));
    recipe.lanes[0].layer.numFeatures = 3;
    recipe.lanes[0].layer.momentum = 1.0;
    recipe.lanes[0].layer.dtype = DType::Float64;
    Run run(recipe);
    const auto step = runTo(run, 1);
    for (std::size_t c = 0; c < 3; ++c) {
        QCOMPARE(step->forward.var[c], 2.5);
        QCOMPARE(runningVar(*step, c), 40.0 / 15);
    }
}

// Row 3. momentum 1 replaces the statistics, but with the unbiased variance: in eval the output has std √(3/4).
void ScenariosTest::momentumOneStillDiffersInEval() {
    Recipe recipe = recipeOn(pasted({4, 1}, {-3, -1, 1, 3}));
    recipe.lanes[0].layer.momentum = 1.0;
    insertEvent(recipe, {1, 0, SetMode{false}});
    Run run(recipe);
    runTo(run, 2);
    // eps of 1e-5 against a variance of 5 shifts the sixth digit.
    compareNear(std::sqrt(lane(run.snapshot(0)).outputVar[0]), 1, 2e-6);
    compareNear(std::sqrt(lane(run.snapshot(1)).outputVar[0]), std::sqrt(0.75), 2e-6);
}

// Row 4. Every layer of a chain shrinks by √(63/64) in eval: 0.984375^10 = 0.854 for 20 of them.
void ScenariosTest::andItCompounds() {
    Recipe recipe = recipeOn(normal(64, 4));
    recipe.lanes.clear();
    for (int i = 0; i < 20; ++i) {
        LaneSpec spec;
        spec.layer.affine = false;
        spec.layer.momentum = 1.0;
        if (i > 0)
            spec.feed = {Feed::Kind::LaneOutput, 0, 0, 0, "NCL", i - 1};
        recipe.lanes.push_back(spec);
    }
    // The same batch twice: first to take its statistics, then to use them.
    recipe.data.schedule.repeat = 2;
    insertEvent(recipe, {1, -1, SetMode{false}});
    Run run(recipe);
    runTo(run, 2);
    const double train = std::sqrt(lane(run.snapshot(0), 19).outputVar[0]);
    const double eval = std::sqrt(lane(run.snapshot(1), 19).outputVar[0]);
    // Twenty times eps/2 of 1e-5 over a variance of 1.
    compareNear(eval / train, 0.854, 1e-3);
}

// Row 5. N(5, 2²): (5 − 5(1 − 0.9^k))/√(4 + (1 − 4)·0.9^k). Batches of 4096 keep the mean within 3·2/√4096 ≈ 0.1 of 5,
// of which eval shows half.
void ScenariosTest::evalIsWorseEarly() {
    Recipe recipe = recipeOn(normal(4096, 1, 5, 2));
    Run run(recipe);
    const std::vector<std::pair<std::int64_t, double>> expected{{1, 3.95}, {10, 1.01}, {22, 0.26}, {44, 0.02}};
    for (const auto& [steps, outputMean] : expected) {
        runTo(run, steps + 1);
        compareNear(run.peek(steps, 0, false)->snapshot->outputMean[0], outputMean, 0.08);
    }
}

// Row 6. After 50 steps of N(5, 2²) the eval output lies 5·0.99^50/√(4 − 3·0.99^50) ≈ 2.05 off at momentum 0.01 and
// 5·0.9^50/2 ≈ 0.013 at 0.1.
void ScenariosTest::smallMomentumLeavesAGap() {
    Recipe recipe = recipeOn(normal(1024, 1, 5, 2));
    recipe.lanes = {laneNamed("0.1"), laneNamed("0.01")};
    recipe.lanes[1].layer.momentum = 0.01;
    Run run(recipe);
    runTo(run, 51);
    // Batch means of 1024 values scatter by 2/32 around 5, of which eval shows half: 0.03, and here four times that.
    compareNear(run.peek(50, 0, false)->snapshot->outputMean[0], 0.013, 0.12);
    const double share = std::pow(0.99, 50);
    compareNear(run.peek(50, 1, false)->snapshot->outputMean[0], 5 * share / std::sqrt(4 - 3 * share), 0.12);
}

// Row 7. A batch of one is refused, after the counter moved; eight positions of one sample are eight values.
void ScenariosTest::oneSampleIsRefused() {
    Run run(recipeOn(normal(1, 3)));
    const auto step = runTo(run, 1);
    QCOMPARE(QString::fromStdString(step->error),
             QString("Expected more than 1 value per channel when training, got input size torch.Size([1, 3])"));
    QCOMPARE(*stateOf(step->after).numBatchesTracked, 1);
    QCOMPARE(runningMean(*step), 0.0);
    QCOMPARE(run.series().at(ScalarQuantity::Refused, 0), 1.0);
    QVERIFY(run.peek(0, 0, false)->snapshot->error.empty());

    GeneratorSpec sequence = normal(1, 3);
    sequence.l = 8;
    Run second(recipeOn(sequence));
    QCOMPARE(runTo(second, 1)->forward.valuesPerChannel, 8);
}

// Row 8. Two samples stand one standard deviation from their mean on either side, whatever they are.
void ScenariosTest::twoSamplesGivePlusMinusOne() {
    Run run(recipeOn(pasted({2, 2}, {1000, 5000, 50, 20})));
    runTo(run, 1);
    const auto frame = run.frame(0);
    const std::vector<double> expected{1, 1, -1, -1};
    for (std::int64_t i = 0; i < 4; ++i) {
        const double y = frame->transforms[static_cast<std::size_t>(i % 2)].y(frame->x.at(i));
        // eps/(2·var) is 2e-11 here; float32 would round it away.
        compareNear(y, expected[static_cast<std::size_t>(i)], 1e-10);
    }
}

// Row 9. 101 rows in tens: the eleventh batch, step 10, has one sample; drop_last leaves it out.
void ScenariosTest::theLastBatchHasOneSample() {
    std::vector<double> values(101);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<double>(i);
    Recipe recipe = recipeOn(pasted({101, 1}, values));
    recipe.data.batchSize = 10;
    Run run(recipe);
    runTo(run, 12);
    for (std::int64_t k = 0; k < 12; ++k)
        QCOMPARE(lane(run.snapshot(k)).refused(), k == 10);
    QCOMPARE(*stateOf(lane(run.snapshot(11)).after).numBatchesTracked, 12);
    recipe.data.dropLast = true;
    Run dropped(recipe);
    QCOMPARE(*dropped.stream().stepsPerEpoch(), 10);
    runTo(dropped, 12);
    for (std::int64_t k = 0; k < 12; ++k)
        QVERIFY(!lane(dropped.snapshot(k)).refused());
}

// Row 11. None weighs the k-th batch by 1/k, 0 not at all.
void ScenariosTest::momentumNoneIsNotZero() {
    Recipe recipe = recipeOn(pairAround(4, 1));
    recipe.lanes = {laneNamed("None"), laneNamed("0")};
    recipe.lanes[0].layer.momentum.reset();
    recipe.lanes[1].layer.momentum = 0.0;
    Run run(recipe);
    runTo(run, 8);
    for (std::int64_t k = 0; k < 8; ++k)
        QCOMPARE(lane(run.snapshot(k)).forward.factor, 1.0 / static_cast<double>(k + 1));
    QCOMPARE(runningMean(lane(run.snapshot(7))), 4.0);
    QCOMPARE(runningMean(lane(run.snapshot(7), 1)), 0.0);
}

// Row 13. With lr 0 γ and β stay; the statistics go on: 6·(1 − 0.9^k).
void ScenariosTest::frozenWeightsMovingStatistics() {
    Recipe recipe = recipeOn(pairAround(6, 1));
    recipe.lanes[0].layer.dtype = DType::Float64;
    recipe.lanes[0].training.passes = {true, true};
    recipe.lanes[0].training.loss = {LossSpec::Kind::MseTarget, {3}, {1}, {0}};
    recipe.lanes[0].training.optimizer = {OptimizerSpec::Kind::Sgd, 0.0};
    Run run(recipe);
    const auto step = runTo(run, 10);
    QVERIFY((*step->backward->gradBias)[0] != 0);
    QCOMPARE((*stateOf(step->after).weight)[0], 1.0);
    QCOMPARE((*stateOf(step->after).bias)[0], 0.0);
    // Ten roundings to double.
    compareNear(runningMean(*step), 6 * (1 - std::pow(0.9, 10)), 1e-14);
}

// Row 14. eval, one forward in train mode, eval again: the second eval differs by what that forward did to the buffers.
void ScenariosTest::aForwardAloneChangesEval() {
    Recipe recipe = recipeOn(pairAround(2, 1));
    recipe.lanes[0].trainMode = false;
    insertEvent(recipe, {1, -1, SetMode{true}});
    insertEvent(recipe, {2, -1, SetMode{false}});
    Run run(recipe);
    runTo(run, 3);
    // running: 0/1, then 0.2 and 0.9 + 0.1·2 = 1.1.
    compareNear(lane(run.snapshot(0)).outputMean[0], 2 / std::sqrt(1 + 1e-5), 1e-6);
    compareNear(lane(run.snapshot(2)).outputMean[0], 1.8 / std::sqrt(1.1 + 1e-5), 1e-6);
}

// Row 16. Four groups of eight move the statistics four times: the old ones keep 0.9^4, an effective momentum of 0.344.
void ScenariosTest::gradientAccumulationIsNoBiggerBatch() {
    std::vector<double> values;
    for (int i = 0; i < 32; ++i)
        values.push_back(i % 2 == 0 ? 9 : 11);
    Recipe recipe = recipeOn(pasted({32, 1}, values));
    recipe.lanes = {laneNamed("4x8"), laneNamed("1x32")};
    recipe.lanes[0].feed = {Feed::Kind::Groups, 0, 0, 8, "NCL", 0};
    for (LaneSpec& spec : recipe.lanes) {
        spec.layer.dtype = DType::Float64;
        spec.training.passes = {true, false};
        spec.training.loss = {LossSpec::Kind::MseTarget, {0.5}, {1}, {0}};
    }
    Run run(recipe);
    runTo(run, 1);
    const LaneSnapshot &grouped = lane(run.snapshot(0), 0), &whole = lane(run.snapshot(0), 1);
    QCOMPARE(grouped.groups, 4);
    compareNear(runningMean(grouped) / 10, 0.344, 5e-4);
    compareNear(runningMean(whole) / 10, 0.1, 1e-15);
    // Every group has the statistics of the whole, so loss and gradients come out alike.
    compareNear(*grouped.loss, *whole.loss, 1e-15);
    compareNear((*grouped.backward->gradBias)[0], (*whole.backward->gradBias)[0], 1e-15);
}

QTEST_GUILESS_MAIN(ScenariosTest)
#include "scenarios_test.moc"
