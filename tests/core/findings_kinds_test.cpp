// SPDX-License-Identifier: GPL-3.0-or-later
// Each kind of finding on a run that has it.
#include "core/findings/findings.h"

#include "core/error.h"
#include "support/found.h"

#include <QtTest>

#include <cmath>
#include <limits>

using namespace bnstudio;
using namespace bnstudio::test;

class FindingsKindsTest : public QObject {
    Q_OBJECT

private slots:
    void oneValuePerChannel();
    void otherRefusals();
    void fewValues();
    void nonFiniteInput();
    void nonFiniteState();
    void epsComparable();
    void constantChannel();
    void staleUnderDrift();
    void neverUpdated();
    void twoPopulations();
    void gapEarlyInARun();
    void gapOnAnotherDomain();
    void momentumOutside();
    void epsZero();
    void weightNearZero();
    void counterReset();
};

void FindingsKindsTest::oneValuePerChannel() {
    // 41 rows in tens: step 4 has one sample.
    std::vector<double> values(41);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = std::sin(static_cast<double>(i));
    Recipe recipe = recipeOn(pasted({41, 1}, values));
    recipe.data.batchSize = 10;
    recipe.lanes[0].layer.momentum = 1.0;
    QVERIFY(!findKind(findingsAfter(recipe, 4), FindingKind::OneValuePerChannel));
    const std::vector<Finding> findings = findingsAfter(recipe, 10);
    const Finding* finding = findKind(findings, FindingKind::OneValuePerChannel);
    QVERIFY(finding);
    QCOMPARE(finding->step, 4);
    QCOMPARE(finding->lastStep, 9);
    QCOMPARE(evidence(*finding, "refused steps"), 2.0);
    QVERIFY(finding->severity == Severity::Error && finding->channels.empty());
}

void FindingsKindsTest::otherRefusals() {
    Recipe recipe = recipeOn(normal(8, 3));
    recipe.lanes[0].layer.numFeatures = 4;
    const Finding finding = onlyFinding(recipe, 3, FindingKind::Refused);
    QVERIFY2(finding.sentence.find("running_mean should contain 3 elements not 4") != std::string::npos,
             finding.sentence.c_str());
}

void FindingsKindsTest::fewValues() {
    const Finding finding = onlyFinding(recipeOn(normal(4, 3)), 20, FindingKind::FewValues);
    QCOMPARE(finding.step, 0);
    QCOMPARE(evidence(finding, "n"), 4.0);
    QCOMPARE(evidence(finding, "scatter of the mean / std"), 0.5);
    QCOMPARE(evidence(finding, "steps"), 20.0);
    Recipe eval = recipeOn(normal(4, 3));
    eval.lanes[0].trainMode = false;
    eval.lanes[0].initialState = LayerState{{}, {}, ChannelVector(3, 0), ChannelVector(3, 1), 10};
    QVERIFY(!findKind(findingsAfter(eval, 5), FindingKind::FewValues));
    // The smallest batch is the evidence: 10 + 10 + 3.
    std::vector<double> values(23);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = std::sin(static_cast<double>(3 * i));
    Recipe uneven = recipeOn(pasted({23, 1}, values));
    uneven.data.batchSize = 10;
    const std::vector<Finding> rest = findingsAfter(uneven, 4);
    QVERIFY(findKind(rest, FindingKind::FewValues));
    QCOMPARE(findKind(rest, FindingKind::FewValues)->step, 2);
    QCOMPARE(evidence(*findKind(rest, FindingKind::FewValues), "n"), 3.0);
}

void FindingsKindsTest::nonFiniteInput() {
    Recipe recipe = recipeOn(normal(8, 3));
    insertEvent(recipe, {5, -1, EditCell{6, 2, 0, notANumber}});
    insertEvent(recipe, {7, -1, EditCell{1, 0, 0, std::numeric_limits<double>::infinity()}});
    const std::vector<Finding> findings = findingsAfter(recipe, 12);
    const Finding* input = findKind(findings, FindingKind::NonFiniteInput);
    QVERIFY(input);
    QCOMPARE(input->step, 5);
    QCOMPARE(input->lastStep, 7);
    QCOMPARE(input->channels, (Channels{0, 2}));
    QCOMPARE(input->worstChannel, 2);
    QCOMPARE(evidence(*input, "NaN"), 1.0);
    QVERIFY((input->cell == std::array<std::int64_t, 3>{6, 2, 0}));
    QVERIFY(findingLine(*input, "B").starts_with("step 5: lane B: Channels 0, 2: "));
    const Finding* state = findKind(findings, FindingKind::NonFiniteState);
    QVERIFY(state);
    QCOMPARE(state->channels, (Channels{0, 2}));
    QCOMPARE(state->step, 5);
    QCOMPARE(findings.size(), 2U);
    // After a reset the statistics are good again; what came in did come in.
    insertEvent(recipe, {9, -1, ResetRunningStats{}});
    const std::vector<Finding> later = findingsAfter(recipe, 12);
    QVERIFY(findKind(later, FindingKind::NonFiniteInput) && !findKind(later, FindingKind::NonFiniteState));
}

// Gradients that explode: γ becomes infinite without a bad value in the data.
void FindingsKindsTest::nonFiniteState() {
    Recipe recipe = recipeOn(normal(32, 2));
    recipe.lanes[0].training.passes = {true, true};
    recipe.lanes[0].training.upstream = {UpstreamSpec::Kind::Random, 3};
    recipe.lanes[0].training.optimizer = {OptimizerSpec::Kind::Sgd, 1e39};
    const Finding finding = onlyFinding(recipe, 3, FindingKind::NonFiniteState);
    QCOMPARE(finding.step, 0);
    QCOMPARE(finding.channels, (Channels{0, 1}));
    QVERIFY(!std::isfinite(evidence(finding, "weight")) && std::isfinite(evidence(finding, "running_mean")));
}

// std 0.01: eps is 1e-5/1e-4 = 10 % of the variance.
void FindingsKindsTest::epsComparable() {
    GeneratorSpec source = normal(1000, 3);
    source.std = {1, 0.01, 1};
    Recipe recipe = recipeOn(source);
    recipe.lanes[0].layer.momentum = 1.0;
    const Finding finding = onlyFinding(recipe, 5, FindingKind::EpsComparable);
    QCOMPARE(finding.channels, Channels{1});
    QCOMPARE(finding.step, 0);
    // A variance of 1000 values scatters by √(2/1000) = 4.5 %; four times that.
    QVERIFY(std::abs(evidence(finding, "eps / var") - 0.1) < 0.02);
    QVERIFY(std::abs(evidence(finding, "std of x̂") - 1 / std::sqrt(1.1)) < 0.01);
    recipe.lanes[0].layer.eps = 1e-7;
    QVERIFY(findingsAfter(recipe, 5).empty());
}

void FindingsKindsTest::constantChannel() {
    Recipe recipe = recipeOn(pasted({8, 2}, {-1, 7, 1, 7, -1, 7, 1, 7, -1, 7, 1, 7, -1, 7, 1, 7}));
    recipe.lanes[0].layer.momentum = 1.0;
    const std::vector<Finding> findings = findingsAfter(recipe, 3);
    const Finding* finding = findKind(findings, FindingKind::ConstantChannel);
    QVERIFY(finding);
    QCOMPARE(finding->channels, Channels{1});
    QCOMPARE(evidence(*finding, "batch mean"), 7.0);
    QVERIFY(!findKind(findings, FindingKind::EpsComparable));
}

// Mean + 0.1 a step: nine steps behind at momentum 0.1, so 0.9 to 1 of σ = 1.
void FindingsKindsTest::staleUnderDrift() {
    GeneratorSpec source = normal(64, 3);
    source.drift = {0, 0.1, 0};
    Recipe recipe = recipeOn(source);
    const std::vector<Finding> findings = findingsAfter(recipe, 200);
    const Finding* finding = findKind(findings, FindingKind::StaleStatistics);
    QVERIFY(finding);
    QCOMPARE(finding->channels, Channels{1});
    // z compares with the mean before the batch: 10 steps of 0.1. Its average scatters by 0.1·(1/8).
    QVERIFY2(std::abs(evidence(*finding, "distance / std") - 1) < 0.1, finding->sentence.c_str());
    // Not before the start is forgotten and there is something to average.
    QVERIFY(finding->step >= 44 && finding->step < 60);
    // A drift that ends is forgotten.
    Recipe ends = recipe;
    GeneratorSpec still = source;
    still.drift = {0};
    ends.data.sources.push_back(still);
    for (int k = 0; k < 400; ++k)
        ends.data.schedule.steps.push_back({k < 100 ? 0 : 1, k});
    ends.data.schedule.order = Schedule::Order::Explicit;
    QVERIFY(findKind(findingsAfter(ends, 100), FindingKind::StaleStatistics));
    QCOMPARE(linesOf(findingsAfter(ends, 400)), QString());
}

void FindingsKindsTest::neverUpdated() {
    Recipe recipe = recipeOn(normal(16, 2));
    recipe.lanes[0].trainMode = false;
    const Finding finding = onlyFinding(recipe, 5, FindingKind::NeverUpdated);
    QCOMPARE(finding.step, 0);
    insertEvent(recipe, {2, -1, SetMode{true}});
    insertEvent(recipe, {4, -1, SetMode{false}});
    QVERIFY(findingsAfter(recipe, 8).empty());
}

// N(−3, 1) and N(+3, 1) in turn.
void FindingsKindsTest::twoPopulations() {
    Recipe recipe = recipeOn(normal(64, 1, -3));
    GeneratorSpec other = normal(64, 1, 3);
    other.seed = 43;
    recipe.data.sources.push_back(other);
    recipe.data.schedule.order = Schedule::Order::Alternating;
    const Finding finding = onlyFinding(recipe, 200, FindingKind::TwoPopulations);
    QCOMPARE(finding.step, 7);
    QCOMPARE(finding.channels, Channels{0});
    // Averages over about 20 batches of 64 values: 1/√1280 = 0.03; the variances accordingly.
    QVERIFY(std::abs(evidence(finding, "lower mean") + 3) < 0.15);
    QVERIFY(std::abs(evidence(finding, "higher mean") - 3) < 0.15);
    QVERIFY(std::abs(evidence(finding, "variance of both together") - 10) < 1);
    // Mixed in every batch they are one population.
    recipe.data.sources.pop_back();
    QVERIFY(!findKind(findingsAfter(recipe, 60), FindingKind::TwoPopulations));
}

// N(5, 2²) at momentum 0.01: after 50 steps the eval output lies 2.05 off; at 0.1 after 60 nothing is left.
void FindingsKindsTest::gapEarlyInARun() {
    Recipe recipe = recipeOn(normal(1024, 1, 5, 2));
    recipe.lanes[0].layer.momentum = 0.01;
    const Finding finding = onlyFinding(recipe, 50, FindingKind::OutputGap);
    QCOMPARE(finding.step, 0);
    // Batch means scatter by 2/32, of which eval shows half.
    QVERIFY2(std::abs(evidence(finding, "shift of the mean / std") - 2.05) < 0.1, finding.sentence.c_str());
    recipe.lanes[0].layer.momentum = 0.1;
    QVERIFY(findKind(findingsAfter(recipe, 10), FindingKind::OutputGap));
    QVERIFY(findingsAfter(recipe, 60).empty());
}

void FindingsKindsTest::gapOnAnotherDomain() {
    Recipe recipe = recipeOn(normal(32, 2, 0, 3));
    recipe.lanes[0].trainMode = false;
    recipe.lanes[0].initialState = LayerState{{}, {}, ChannelVector(2, 0), ChannelVector(2, 1), 1000};
    const Finding finding = onlyFinding(recipe, 40, FindingKind::OutputGap);
    QCOMPARE(finding.channels, (Channels{0, 1}));
    // A variance from about 39 batches of 32 values scatters by √(2/1250) = 4 %, its root by half of that.
    QVERIFY(std::abs(evidence(finding, "ratio of std") - 3) < 0.25);
}

void FindingsKindsTest::momentumOutside() {
    for (const double momentum : {0.0, 1.5, -0.1}) {
        Recipe recipe = recipeOn(normal(32, 2));
        recipe.lanes[0].layer.momentum = momentum;
        const std::vector<Finding> findings = findingsAfter(recipe, 3);
        const Finding* finding = findKind(findings, FindingKind::MomentumOutside);
        QVERIFY2(finding, qPrintable(QString::number(momentum)));
        QCOMPARE(evidence(*finding, "momentum"), momentum);
        insertEvent(recipe, {1, -1, SetMomentum{0.1}});
        QVERIFY(!findKind(findingsAfter(recipe, 3), FindingKind::MomentumOutside));
        recipe.lanes[0].layer.trackRunningStats = false;
        QVERIFY(!findKind(findingsAfter(recipe, 1), FindingKind::MomentumOutside));
    }
}

void FindingsKindsTest::epsZero() {
    Recipe recipe = recipeOn(normal(32, 2));
    insertEvent(recipe, {4, -1, SetEps{0}});
    const Finding finding = onlyFinding(recipe, 8, FindingKind::EpsZero);
    QCOMPARE(QString::fromStdString(finding.sentence), QString("eps is 0; PyTorch 2.10 and later refuse this."));
    QCOMPARE(finding.step, 4);
}

void FindingsKindsTest::weightNearZero() {
    Recipe recipe = recipeOn(normal(32, 3));
    insertEvent(recipe, {2, -1, SetWeight{1, -5e-4}});
    const Finding finding = onlyFinding(recipe, 6, FindingKind::WeightNearZero);
    QCOMPARE(finding.step, 2);
    QCOMPARE(finding.channels, Channels{1});
    QVERIFY(finding.severity == Severity::Note);
    QCOMPARE(evidence(finding, "weight"), static_cast<double>(-5e-4F));
    insertEvent(recipe, {4, -1, SetAffine{false}});
    QVERIFY(findingsAfter(recipe, 6).empty());
}

void FindingsKindsTest::counterReset() {
    Recipe recipe = recipeOn(normal(32, 2));
    insertEvent(recipe, {7, -1, ResetRunningStats{}});
    const Finding finding = onlyFinding(recipe, 20, FindingKind::CounterReset);
    QCOMPARE(finding.step, 7);
    QCOMPARE(evidence(finding, "before"), 7.0);
    QCOMPARE(evidence(finding, "after"), 0.0);
}

QTEST_GUILESS_MAIN(FindingsKindsTest)
#include "findings_kinds_test.moc"
