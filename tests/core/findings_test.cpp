// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/findings/findings.h"

#include "core/error.h"
#include "support/recipes.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace bnstudio;
using namespace bnstudio::test;

namespace {

constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

void addUpTo(FindingsTracker& tracker, Run& run, std::int64_t steps) {
    while (run.head() < steps)
        run.advance();
    while (tracker.nextStep() < steps) {
        const std::int64_t step = tracker.nextStep();
        tracker.add(*run.snapshot(step), [&](int lane) { return run.frame(step, lane); });
    }
}

std::vector<Finding> findingsAfter(const Recipe& recipe, std::int64_t steps) {
    Run run(recipe);
    FindingsTracker tracker;
    addUpTo(tracker, run, steps);
    return tracker.findings();
}

QStringList idsOf(const std::vector<Finding>& findings) {
    QStringList ids;
    for (const Finding& finding : findings)
        ids << QString::fromStdString(std::string(findingId(finding.kind)));
    return ids;
}

QString linesOf(const std::vector<Finding>& findings) {
    QStringList lines;
    for (const Finding& finding : findings)
        lines << QString::fromStdString(findingLine(finding, ""));
    return lines.join('\n');
}

const Finding* findKind(const std::vector<Finding>& findings, FindingKind kind) {
    const auto found =
        std::find_if(findings.begin(), findings.end(), [kind](const Finding& finding) { return finding.kind == kind; });
    return found == findings.end() ? nullptr : &*found;
}

double evidence(const Finding& finding, const std::string& name) {
    for (const Evidence& each : finding.evidence) {
        if (each.name == name)
            return each.value;
    }
    return notANumber;
}

/// The one finding of a run; fails the test when there is another or none.
Finding onlyFinding(const Recipe& recipe, std::int64_t steps, FindingKind kind) {
    const std::vector<Finding> findings = findingsAfter(recipe, steps);
    if (findings.size() != 1 || findings[0].kind != kind) {
        QTest::qFail(qPrintable(QString("expected %1 alone, got:\n%2")
                                    .arg(QString::fromStdString(std::string(findingId(kind))), linesOf(findings))),
                     __FILE__, __LINE__);
        return {};
    }
    return findings[0];
}

using Channels = std::vector<std::int64_t>;

}  // namespace

class FindingsTest : public QObject {
    Q_OBJECT
private slots:
    void nothingOnHealthyData_data();
    void nothingOnHealthyData();
    void startRecipe();
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
    void lanesAndOrder();
    void goingBack_data();
    void goingBack();
    void stepsComeInOrder();
    void everyKindHasItsOwnId();
};

void FindingsTest::nothingOnHealthyData_data() {
    QTest::addColumn<Recipe>("recipe");
    QTest::addColumn<bool>("always");  // at every step, not only at the end
    Recipe standard = recipeOn(normal(32, 8));
    QTest::newRow("standard normal") << standard << true;
    Recipe small = recipeOn(normal(8, 4));
    QTest::newRow("n = 8") << small << true;
    Recipe cumulative = standard;
    cumulative.lanes[0].layer.momentum.reset();
    QTest::newRow("momentum None") << cumulative << true;
    Recipe last = standard;
    last.lanes[0].layer.momentum = 1.0;
    QTest::newRow("momentum 1") << last << true;
    Recipe moved = recipeOn(normal(32, 8, 5, 2));
    QTest::newRow("N(5, 4)") << moved << false;
    Recipe evalAfter = moved;
    insertEvent(evalAfter, {140, -1, SetMode{false}});
    QTest::newRow("eval in the end") << evalAfter << false;
    Recipe start = defaultRecipe();
    auto& source = std::get<GeneratorSpec>(start.data.sources[0]);
    source.std[6] = 0.5;
    source.drift = {0};
    QTest::newRow("the start recipe without its oddities") << start << false;
    GeneratorSpec sequences = normal(8, 4, 1, 3);
    sequences.l = 16;
    QTest::newRow("(N, C, L)") << recipeOn(sequences) << false;
    GeneratorSpec heavy = normal(32, 4, 2, 1);
    heavy.kind = GeneratorSpec::Kind::StudentT;
    heavy.df = 3;
    QTest::newRow("Student t, df 3") << recipeOn(heavy) << false;
    GeneratorSpec skewed = normal(32, 4, 0, 0.5);
    skewed.kind = GeneratorSpec::Kind::LogNormal;
    QTest::newRow("lognormal") << recipeOn(skewed) << false;
    GeneratorSpec mixture = normal(32, 4, -3, 1);
    mixture.kind = GeneratorSpec::Kind::Mixture;
    mixture.mean2 = {3};
    QTest::newRow("two populations in every batch") << recipeOn(mixture) << false;
}

void FindingsTest::nothingOnHealthyData() {
    QFETCH(Recipe, recipe);
    QFETCH(bool, always);
    for (std::uint64_t seed = 1; seed <= 24; ++seed) {
        std::get<GeneratorSpec>(recipe.data.sources[0]).seed = seed;
        Run run(recipe);
        FindingsTracker tracker;
        for (std::int64_t steps = always ? 1 : 150; steps <= 150; ++steps) {
            addUpTo(tracker, run, steps);
            const std::vector<Finding> findings = tracker.findings();
            QVERIFY2(findings.empty(),
                     qPrintable(QString("seed %1, %2 steps: %3").arg(seed).arg(steps).arg(linesOf(findings))));
        }
    }
}

// The oddities that the start recipe is made with are found.
void FindingsTest::startRecipe() {
    const std::vector<Finding> findings = findingsAfter(defaultRecipe(), 129);
    QCOMPARE(idsOf(findings), (QStringList{"eps-comparable", "stale-statistics"}));
    QCOMPARE(findings[0].channels, Channels{6});
    QCOMPARE(findings[1].channels, Channels{1});
    QVERIFY2(QString::fromStdString(findings[0].sentence).startsWith("Channel 6: eps is "),
             findings[0].sentence.c_str());
}

void FindingsTest::oneValuePerChannel() {
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

void FindingsTest::otherRefusals() {
    Recipe recipe = recipeOn(normal(8, 3));
    recipe.lanes[0].layer.numFeatures = 4;
    const Finding finding = onlyFinding(recipe, 3, FindingKind::Refused);
    QVERIFY2(finding.sentence.find("running_mean should contain 3 elements not 4") != std::string::npos,
             finding.sentence.c_str());
}

void FindingsTest::fewValues() {
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

void FindingsTest::nonFiniteInput() {
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
void FindingsTest::nonFiniteState() {
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
void FindingsTest::epsComparable() {
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

void FindingsTest::constantChannel() {
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
void FindingsTest::staleUnderDrift() {
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

void FindingsTest::neverUpdated() {
    Recipe recipe = recipeOn(normal(16, 2));
    recipe.lanes[0].trainMode = false;
    const Finding finding = onlyFinding(recipe, 5, FindingKind::NeverUpdated);
    QCOMPARE(finding.step, 0);
    insertEvent(recipe, {2, -1, SetMode{true}});
    insertEvent(recipe, {4, -1, SetMode{false}});
    QVERIFY(findingsAfter(recipe, 8).empty());
}

// N(−3, 1) and N(+3, 1) in turn.
void FindingsTest::twoPopulations() {
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
void FindingsTest::gapEarlyInARun() {
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

void FindingsTest::gapOnAnotherDomain() {
    Recipe recipe = recipeOn(normal(32, 2, 0, 3));
    recipe.lanes[0].trainMode = false;
    recipe.lanes[0].initialState = LayerState{{}, {}, ChannelVector(2, 0), ChannelVector(2, 1), 1000};
    const Finding finding = onlyFinding(recipe, 40, FindingKind::OutputGap);
    QCOMPARE(finding.channels, (Channels{0, 1}));
    // A variance from about 39 batches of 32 values scatters by √(2/1250) = 4 %, its root by half of that.
    QVERIFY(std::abs(evidence(finding, "ratio of std") - 3) < 0.25);
}

void FindingsTest::momentumOutside() {
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

void FindingsTest::epsZero() {
    Recipe recipe = recipeOn(normal(32, 2));
    insertEvent(recipe, {4, -1, SetEps{0}});
    const Finding finding = onlyFinding(recipe, 8, FindingKind::EpsZero);
    QCOMPARE(QString::fromStdString(finding.sentence), QString("eps is 0; PyTorch 2.10 and later refuse this."));
    QCOMPARE(finding.step, 4);
}

void FindingsTest::weightNearZero() {
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

void FindingsTest::counterReset() {
    Recipe recipe = recipeOn(normal(32, 2));
    insertEvent(recipe, {7, -1, ResetRunningStats{}});
    const Finding finding = onlyFinding(recipe, 20, FindingKind::CounterReset);
    QCOMPARE(finding.step, 7);
    QCOMPARE(evidence(finding, "before"), 7.0);
    QCOMPARE(evidence(finding, "after"), 0.0);
}

void FindingsTest::lanesAndOrder() {
    Recipe recipe = recipeOn(normal(32, 2));
    recipe.lanes.resize(2);
    recipe.lanes[1].layer.eps = 0;
    insertEvent(recipe, {3, 1, EditCell{0, 0, 0, notANumber}});
    const std::vector<Finding> findings = findingsAfter(recipe, 6);
    QCOMPARE(idsOf(findings), (QStringList{"non-finite-input", "non-finite-state", "eps-zero"}));
    for (const Finding& finding : findings)
        QCOMPARE(finding.lane, 1);
}

void FindingsTest::goingBack_data() {
    QTest::addColumn<int>("back");
    for (const int back : {0, 1, 15, 16, 17, 100, 199, 200})
        QTest::addRow("to %d", back) << back;
}

// Whatever was seen and forgotten on the way, the same steps give the same findings.
void FindingsTest::goingBack() {
    QFETCH(int, back);
    Recipe recipe = defaultRecipe();
    insertEvent(recipe, {20, -1, EditCell{3, 2, 0, notANumber}});
    insertEvent(recipe, {50, -1, ResetRunningStats{}});
    Run run(recipe);
    FindingsTracker tracker;
    addUpTo(tracker, run, 200);
    tracker.truncate(back);
    QVERIFY(tracker.nextStep() <= back && tracker.nextStep() > back - 17);
    addUpTo(tracker, run, back);
    QCOMPARE(linesOf(tracker.findings()), linesOf(findingsAfter(recipe, back)));
    // Another future.
    Recipe other = recipe;
    insertEvent(other, {back, -1, SetEps{0}});
    run.setRecipe(other);
    addUpTo(tracker, run, back + 5);
    QCOMPARE(linesOf(tracker.findings()), linesOf(findingsAfter(other, back + 5)));
    QVERIFY(findKind(tracker.findings(), FindingKind::EpsZero));
}

void FindingsTest::stepsComeInOrder() {
    Run run(recipeOn(normal(32, 2)));
    runTo(run, 3);
    FindingsTracker tracker;
    QVERIFY_EXCEPTION_THROWN(tracker.add(*run.snapshot(1)), Error);
    tracker.add(*run.snapshot(0));
    QCOMPARE(tracker.nextStep(), 1);
}

void FindingsTest::everyKindHasItsOwnId() {
    QSet<QByteArray> ids;
    for (int i = 0; i < findingKindCount; ++i) {
        const std::string_view id = findingId(static_cast<FindingKind>(i));
        ids.insert(QByteArray(id.data(), static_cast<qsizetype>(id.size())));
    }
    QCOMPARE(ids.size(), findingKindCount);
}

QTEST_GUILESS_MAIN(FindingsTest)
#include "findings_test.moc"
