// SPDX-License-Identifier: GPL-3.0-or-later
// More of what people get wrong about batch norm: in training loops and on data as it comes. See scenarios_test.
#include "core/error.h"
#include "support/scenario_runs.h"

#include <QtTest>

#include <cmath>
#include <limits>

using namespace bnstudio;
using namespace bnstudio::test;

class ScenariosTrainingTest : public QObject {
    Q_OBJECT

private slots:
    void checkpointingRunsTwice();
    void twoPopulationsInTurn();
    void staleStatisticsUnderDrift_data();
    void staleStatisticsUnderDrift();
    void paddingPollutes();
    void theWrongAxis();
    void epsOnTinyVariance();
    void oneBadBatch();
    void aBiasBeforeDoesNothing();
    void weightDecayOnGamma();
    void statisticsPerDevice();
    void predictionsDependOnBatchMates_data();
    void predictionsDependOnBatchMates();
    void fineTuningOnAnotherDomain();
};

// Row 17. Each batch twice: 1 − 0.9² = 0.19; momentum 1 − √0.9 = 0.0513 repairs it.
void ScenariosTrainingTest::checkpointingRunsTwice() {
    Recipe recipe = recipeOn(pairAround(1, 0.5));
    recipe.data.schedule.repeat = 2;
    recipe.lanes = {laneNamed("0.1"), laneNamed("repaired")};
    recipe.lanes[1].layer.momentum = 1 - std::sqrt(0.9);
    recipe.lanes[0].layer.dtype = recipe.lanes[1].layer.dtype = DType::Float64;
    Run run(recipe);
    runTo(run, 2);
    QCOMPARE(run.snapshot(0)->origin, run.snapshot(1)->origin);
    compareNear(runningMean(lane(run.snapshot(1), 0)), 0.19, 1e-15);
    compareNear(runningMean(lane(run.snapshot(1), 1)), 0.1, 1e-15);
}

// Row 18. N(−3, 1) and N(+3, 1) in turn: every batch has variance 1, the mixture 10. In eval with running_mean near 0
// the mixture's std is √10/√0.99 = 3.17 or so.
void ScenariosTrainingTest::twoPopulationsInTurn() {
    Recipe recipe = recipeOn(normal(64, 1, -3));
    GeneratorSpec other = normal(64, 1, 3);
    other.seed = 43;
    recipe.data.sources.push_back(other);
    recipe.data.schedule.order = Schedule::Order::Alternating;
    Run run(recipe);
    const auto last = runTo(run, 200);
    QCOMPARE(run.snapshot(198)->origin.source, 0);
    QCOMPARE(run.snapshot(199)->origin.source, 1);
    // An exponential mean over about 19 batches of 64: √(2/63/19) = 0.04; three times that.
    compareNear(runningVar(*last), 0.99, 0.13);
    // After a +3 batch the running mean stands at 3·0.1/1.9 = 0.16 above 0.
    compareNear(runningMean(*last), 0.16, 0.1);
    const double below = run.peek(198, 0, false)->snapshot->outputMean[0];
    const double above = run.peek(199, 0, false)->snapshot->outputMean[0];
    // Half the distance of the two means is √(10 − 1)/√0.99; with the variance 1/0.99 within, std 3.17.
    const double within = run.peek(199, 0, false)->snapshot->outputVar[0];
    compareNear(std::sqrt((above - below) * (above - below) / 4 + within), 3.17, 0.25);
}

// Row 19. A mean that rises by 0.1 a step is followed at a distance of (1 − m)/m steps.
void ScenariosTrainingTest::staleStatisticsUnderDrift_data() {
    QTest::addColumn<double>("momentum");
    QTest::addColumn<int>("steps");
    QTest::addColumn<double>("lag");
    QTest::newRow("0.1") << 0.1 << 300 << 9.0;
    QTest::newRow("0.01") << 0.01 << 2000 << 99.0;
}

void ScenariosTrainingTest::staleStatisticsUnderDrift() {
    QFETCH(double, momentum);
    QFETCH(int, steps);
    QFETCH(double, lag);
    GeneratorSpec source = normal(16, 1);
    source.kind = GeneratorSpec::Kind::Constant;
    source.drift = {0.1};
    Recipe recipe = recipeOn(source);
    recipe.lanes[0].layer.momentum = momentum;
    recipe.lanes[0].layer.dtype = DType::Float64;
    Run run(recipe);
    const auto last = runTo(run, steps);
    // What is left of the start: (1 − m)^steps, below 1e-8 of it.
    compareNear((last->batch.mean[0] - runningMean(*last)) / 0.1, lag, 1e-5);
}

// Row 20. 1 … 5 and five zeros.
void ScenariosTrainingTest::paddingPollutes() {
    Recipe recipe = recipeOn(pasted({5, 1}, {1, 2, 3, 4, 5}));
    insertEvent(recipe, {1, -1, PadBatch{5, 0}});
    Run run(recipe);
    runTo(run, 2);
    QCOMPARE(lane(run.snapshot(0)).forward.mean[0], 3.0);
    QCOMPARE(lane(run.snapshot(0)).forward.var[0], 2.0);
    QCOMPARE(lane(run.snapshot(1)).forward.mean[0], 1.5);
    QCOMPARE(lane(run.snapshot(1)).forward.var[0], 3.25);
}

// Row 21. With C ≠ L the wrong order of axes is refused; with C = L it is silently wrong.
void ScenariosTrainingTest::theWrongAxis() {
    GeneratorSpec source = normal(4, 3);
    source.l = 5;
    Recipe recipe = recipeOn(source);
    recipe.lanes = {laneNamed("N, C, L"), laneNamed("N, L, C")};
    recipe.lanes[1].feed = {Feed::Kind::AxisRoles, 0, 0, 0, "NLC", 0};
    recipe.lanes[0].layer.numFeatures = recipe.lanes[1].layer.numFeatures = 3;
    Run run(recipe);
    runTo(run, 1);
    QVERIFY(lane(run.snapshot(0), 0).error.empty());
    QCOMPARE(QString::fromStdString(lane(run.snapshot(0), 1).error),
             QString("running_mean should contain 5 elements not 3"));

    Recipe square = recipe;
    square.data.sources = {pasted({1, 2, 2}, {1, 2, 30, 40})};
    square.lanes[0].layer.numFeatures = square.lanes[1].layer.numFeatures = 0;
    Run silent(square);
    runTo(silent, 1);
    QCOMPARE(lane(silent.snapshot(0), 0).forward.mean, (std::vector<double>{1.5, 35}));
    QCOMPARE(lane(silent.snapshot(0), 1).forward.mean, (std::vector<double>{15.5, 21}));
    QVERIFY(lane(silent.snapshot(0), 1).error.empty());
}

// Row 22. A channel of std 1e-3 comes out with √(1e-6/(1e-6 + 1e-5)) = 0.30; a constant one gives exactly the bias.
void ScenariosTrainingTest::epsOnTinyVariance() {
    Recipe recipe = recipeOn(pasted({2, 2}, {-0.001, 7, 0.001, 7}));
    Run run(recipe);
    const auto step = runTo(run, 1);
    compareNear(std::sqrt(step->outputVar[0]), 0.3015, 1e-4);
    QCOMPARE(step->outputVar[1], 0.0);
    QCOMPARE(step->outputMean[1], 0.0);
}

// Row 24. One NaN stays in the buffers; a batch of variance 1e6 takes 110 steps of 0.9 to decay below 2.
void ScenariosTrainingTest::oneBadBatch() {
    constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();
    Recipe recipe = recipeOn(pasted({2, 2}, {-1, -1, 1, 1}));
    insertEvent(recipe, {2, -1, EditCell{0, 0, 0, notANumber}});
    Run run(recipe);
    runTo(run, 50);
    QVERIFY(!std::isnan(runningMean(lane(run.snapshot(1)))));
    QCOMPARE(lane(run.snapshot(2)).health[0].nan, 1U);
    for (std::int64_t k = 2; k < 50; ++k) {
        QVERIFY(std::isnan(runningMean(lane(run.snapshot(k)), 0)) && std::isnan(runningVar(lane(run.snapshot(k)), 0)));
        QVERIFY(!std::isnan(runningMean(lane(run.snapshot(k)), 1)));
    }

    // Biased variance a half, unbiased 1; the bad batch has an unbiased variance of 1e6.
    Recipe outlier = recipeOn(pairAround(0, std::sqrt(0.5)));
    insertEvent(outlier, {0, -1, ScaleBatch{1000}});
    outlier.lanes[0].layer.dtype = DType::Float64;
    Run outlierRun(outlier);
    runTo(outlierRun, 120);
    // 1 + 1e5·0.9^k < 2 for k ≥ ln(1e5)/−ln(0.9) = 109.3
    QVERIFY(runningVar(lane(outlierRun.snapshot(109))) > 2);
    QVERIFY(runningVar(lane(outlierRun.snapshot(110))) < 2);
}

// Row 25. A constant added to x leaves y as it is; Σ grad_x = 0 per channel in train, not in eval.
void ScenariosTrainingTest::aBiasBeforeDoesNothing() {
    Recipe recipe = recipeOn(pasted({4, 1}, {1, 2, 3, 6}));
    recipe.data.sources.push_back(pasted({4, 1}, {101, 102, 103, 106}));
    recipe.lanes[0].layer.dtype = DType::Float64;
    recipe.lanes[0].layer.affine = false;
    recipe.lanes[0].training.passes = {true, false};
    recipe.lanes[0].training.upstream = {UpstreamSpec::Kind::Random, 7};
    Run run(recipe);
    runTo(run, 2);
    QVERIFY(!lane(run.snapshot(0)).after->layer.state().weight);
    QVERIFY(lane(run.snapshot(0)).after->layer.state().runningMean.has_value());
    const auto sumOfGradients = [](const Frame& frame) {
        double sum = 0;
        for (std::int64_t i = 0; i < 4; ++i)
            sum += frame.transforms[0].gradInput(frame.x.at(i), frame.gradOutput.at(i));
        return sum;
    };
    const auto first = run.frame(0), second = run.frame(1);
    for (std::int64_t i = 0; i < 4; ++i)
        QCOMPARE(first->transforms[0].y(first->x.at(i)), second->transforms[0].y(second->x.at(i)));
    compareNear(sumOfGradients(*first), 0, 1e-14);  // four doubles of order 1
    QVERIFY(std::abs(sumOfGradients(*run.peek(0, 0, false))) > 0.01);
}

// Row 26. No data gradient, lr 0.1 and weight decay 0.1: γ shrinks by 1 − 0.01 a step.
void ScenariosTrainingTest::weightDecayOnGamma() {
    Recipe recipe = recipeOn(pairAround(0, 1));
    recipe.lanes[0].layer.dtype = DType::Float64;
    recipe.lanes[0].training.passes = {true, true};
    recipe.lanes[0].training.upstream.kind = UpstreamSpec::Kind::Source;
    recipe.data.gradients = {pasted({2, 1}, {0, 0})};
    recipe.lanes[0].training.optimizer = {OptimizerSpec::Kind::Sgd, 0.1, 0, 0.1};
    Run run(recipe);
    for (std::int64_t k = 1; k <= 20; ++k)
        compareNear((*stateOf(runTo(run, k)->after).weight)[0], std::pow(0.99, static_cast<double>(k)), 1e-14);
}

// Row 27. A batch split 8 + 24: local means, the right weights 8/32 and 24/32, and the wrong half and half.
void ScenariosTrainingTest::statisticsPerDevice() {
    std::vector<double> values(32, 1);
    std::fill(values.begin() + 8, values.end(), 5);
    Recipe recipe = recipeOn(pasted({32, 1}, values));
    recipe.lanes = {laneNamed("all"), laneNamed("device 0"), laneNamed("device 1")};
    recipe.lanes[1].feed = {Feed::Kind::Rows, 0, 8, 0, "NCL", 0};
    recipe.lanes[2].feed = {Feed::Kind::Rows, 8, 32, 0, "NCL", 0};
    Run run(recipe);
    runTo(run, 1);
    const double all = lane(run.snapshot(0), 0).batch.mean[0];
    const double first = lane(run.snapshot(0), 1).batch.mean[0], second = lane(run.snapshot(0), 2).batch.mean[0];
    QCOMPARE(first, 1.0);
    QCOMPARE(second, 5.0);
    QCOMPARE((8 * first + 24 * second) / 32, all);
    QCOMPARE(all, 4.0);
    QCOMPARE((first + second) / 2, 3.0);
}

// Row 28. A pinned sample among redrawn mates: its x̂ scatters the more the smaller the batch. With x at z = (x − μ)/σ
// the spread of x̂ is about √((1 + z²/2)/N) for large N; the table's figures are for x = 3.2 of N(2.5, 1.8²).
void ScenariosTrainingTest::predictionsDependOnBatchMates_data() {
    QTest::addColumn<int>("n");
    QTest::addColumn<double>("spread");
    QTest::newRow("32") << 32 << 0.19;
    QTest::newRow("128") << 128 << 0.09;
}

void ScenariosTrainingTest::predictionsDependOnBatchMates() {
    QFETCH(int, n);
    QFETCH(double, spread);
    Recipe recipe = recipeOn(normal(n, 1, 2.5, 1.8));
    recipe.data.schedule.pinnedRows = {0};
    // Makes the pinned value 3.2: events edit this step's batch only, so every step gets one.
    for (std::int64_t k = 0; k < 400; ++k)
        insertEvent(recipe, {k, -1, EditCell{0, 0, 0, 3.2}});
    Run run(recipe);
    double sum = 0, squares = 0;
    for (std::int64_t k = 0; k < 400; ++k) {
        runTo(run, k + 1);
        const double xhat = run.frame(k)->transforms[0].xhat(3.2);
        sum += xhat;
        squares += xhat * xhat;
    }
    const double measured = std::sqrt(squares / 400 - sum / 400 * sum / 400);
    // A standard deviation from 400 draws is good to 1/√800 = 3.5 %; four times that, and the table rounds.
    compareNear(measured, spread, 0.15 * spread);
}

// Row 32. Statistics of one domain, data of another: a gap of 10/√1 in eval, closed at the momentum's pace in train.
void ScenariosTrainingTest::fineTuningOnAnotherDomain() {
    Recipe recipe = recipeOn(pairAround(10, std::sqrt(0.5)));
    recipe.lanes[0].layer.dtype = DType::Float64;
    recipe.lanes[0].trainMode = false;
    recipe.lanes[0].initialState =
        LayerState{ChannelVector{1}, ChannelVector{0}, ChannelVector{0}, ChannelVector{1}, 1000};
    insertEvent(recipe, {1, -1, SetMode{true}});
    insertEvent(recipe, {23, -1, SetMode{false}});
    Run run(recipe);
    runTo(run, 24);
    // eps/2 of 10
    compareNear(lane(run.snapshot(0)).outputMean[0], 10, 1e-4);
    compareNear(lane(run.snapshot(23)).outputMean[0], 10 * std::pow(0.9, 22), 1e-4);
    QCOMPARE(*lane(run.snapshot(23)).after->layer.state().numBatchesTracked, 1022);
}

QTEST_GUILESS_MAIN(ScenariosTrainingTest)
#include "scenarios_training_test.moc"
