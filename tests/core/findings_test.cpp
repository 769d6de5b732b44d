// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/findings/findings.h"

#include "core/error.h"
#include "support/found.h"

#include <QtTest>

using namespace bnstudio;
using namespace bnstudio::test;

class FindingsTest : public QObject {
    Q_OBJECT

private slots:
    void nothingOnHealthyData_data();
    void nothingOnHealthyData();
    void startRecipe();
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
