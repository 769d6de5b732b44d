// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/phases.h"

#include "support/recipes.h"

#include <QtTest>

#include <algorithm>

using namespace bnstudio;
using namespace bnstudio::test;

namespace {

using Phases = std::vector<Phase>;
const Phases everyPhase{Phase::Mean, Phase::Variance, Phase::Normalise, Phase::Affine,    Phase::RunningUpdate,
                        Phase::Loss, Phase::GradSums, Phase::GradXhat,  Phase::GradInput, Phase::ParameterUpdate};

Recipe trained() {
    Recipe recipe = recipeOn(normal(8, 2));
    recipe.lanes[0].training.passes = {true, true};
    recipe.lanes[0].training.loss.kind = LossSpec::Kind::MseTarget;
    recipe.lanes[0].training.optimizer.kind = OptimizerSpec::Kind::Sgd;
    return recipe;
}

std::shared_ptr<const LaneSnapshot> firstStep(const Recipe& recipe) {
    Run run(recipe);
    return runTo(run, 1);
}

bool contains(const std::vector<Origin>& origins, Origin origin) {
    return std::find(origins.begin(), origins.end(), origin) != origins.end();
}

}  // namespace

class PhasesTest : public QObject {
    Q_OBJECT
private slots:
    void phasesThatApply();
    void numbersAndTitles();
    void numbersAppearInTheirPhase();
    void nothingIsShownTwice();
    void throughTheSteps();
};

void PhasesTest::phasesThatApply() {
    Recipe recipe = trained();
    QVERIFY(phasesOf(*firstStep(recipe)) == everyPhase);

    recipe.lanes[0].training.passes = {};
    recipe.lanes[0].training.loss.kind = LossSpec::Kind::None;
    QVERIFY(phasesOf(*firstStep(recipe)) == Phases(everyPhase.begin(), everyPhase.begin() + 5));
    recipe.lanes[0].trainMode = false;
    QVERIFY(phasesOf(*firstStep(recipe)) == Phases(everyPhase.begin(), everyPhase.begin() + 4));
    recipe.lanes[0].layer.affine = false;
    QVERIFY(phasesOf(*firstStep(recipe)) == Phases(everyPhase.begin(), everyPhase.begin() + 3));

    Recipe without = trained();
    without.lanes[0].layer.affine = false;
    without.lanes[0].layer.trackRunningStats = false;
    QVERIFY(phasesOf(*firstStep(without))
            == (Phases{Phase::Mean, Phase::Variance, Phase::Normalise, Phase::Loss, Phase::GradSums, Phase::GradXhat,
                       Phase::GradInput}));

    Recipe skipped = trained();
    insertEvent(skipped, {0, -1, SkipBatch{}});
    QVERIFY(phasesOf(*firstStep(skipped)) == Phases{Phase::Nothing});
    Recipe refused = trained();
    refused.data.sources = {normal(1, 2)};
    QVERIFY(phasesOf(*firstStep(refused)) == Phases{Phase::Nothing});
    Recipe empty = trained();
    empty.data.sources = {pasted({0, 2}, {})};
    QVERIFY(phasesOf(*firstStep(empty)) == (Phases{Phase::RunningUpdate, Phase::GradSums, Phase::ParameterUpdate}));
    empty.lanes[0].trainMode = false;
    empty.lanes[0].training = {};
    QVERIFY(phasesOf(*firstStep(empty)) == Phases{Phase::Nothing});
}

void PhasesTest::numbersAndTitles() {
    const auto step = firstStep(trained());
    QStringList texts;
    for (const Phase phase : everyPhase) {
        const PhaseText text = describePhase(phase, *step);
        QVERIFY(text.sentence.size() > 10 && text.sentence.back() == '.');
        texts << QString("%1.%2 %3").arg(text.number).arg(text.part).arg(QString::fromStdString(text.title));
    }
    QCOMPARE(texts,
             (QStringList{"1.0 mean", "2.0 variance", "3.0 normalise", "4.0 affine", "5.0 running update", "6.0 loss",
                          "7.1 backward: γ, β", "7.2 backward: x̂", "7.3 backward: x", "8.0 γ, β update"}));
    Recipe eval = recipeOn(normal(8, 2));
    eval.lanes[0].trainMode = false;
    QCOMPARE(QString::fromStdString(describePhase(Phase::Mean, *firstStep(eval)).title), QString("running mean"));
    eval.data.sources = {normal(1, 2)};
    eval.lanes[0].trainMode = true;
    const PhaseText refused = describePhase(Phase::Nothing, *firstStep(eval));
    QCOMPARE(QString::fromStdString(refused.title), QString("refused"));
    QCOMPARE(refused.number, 1);
}

void PhasesTest::numbersAppearInTheirPhase() {
    const auto step = firstStep(trained());
    QVERIFY(isVisible(Origin::X, Phase::Mean, *step) && isVisible(Origin::RunningVar, Phase::Mean, *step));
    QVERIFY(isVisible(Origin::Mean, Phase::Mean, *step) && !isVisible(Origin::Var, Phase::Mean, *step));
    QVERIFY(!isVisible(Origin::Y, Phase::Normalise, *step) && isVisible(Origin::Y, Phase::Affine, *step));
    QVERIFY(!isVisible(Origin::RunningMeanAfter, Phase::Affine, *step));
    QVERIFY(isVisible(Origin::RunningMeanAfter, Phase::RunningUpdate, *step));
    QVERIFY(isVisible(Origin::Dy, Phase::Loss, *step) && !isVisible(Origin::GradX, Phase::GradXhat, *step));
    QVERIFY(isVisible(Origin::ParameterAfter, Phase::ParameterUpdate, *step));
    QVERIFY(contains(newIn(Phase::GradSums, *step), Origin::GradWeight));
    QVERIFY(!contains(newIn(Phase::GradSums, *step), Origin::Dy));

    Recipe recipe = recipeOn(normal(8, 2));
    recipe.lanes[0].layer.affine = false;
    recipe.lanes[0].training.passes = {true, false};
    recipe.lanes[0].training.upstream.kind = UpstreamSpec::Kind::Ones;
    const auto plain = firstStep(recipe);
    QVERIFY(isVisible(Origin::Y, Phase::Normalise, *plain));
    QVERIFY(contains(newIn(Phase::Normalise, *plain), Origin::Y));
    QVERIFY(contains(newIn(Phase::GradSums, *plain), Origin::Dy));
}

void PhasesTest::nothingIsShownTwice() {
    const auto step = firstStep(trained());
    for (int i = 0; i <= static_cast<int>(Origin::ParameterAfter); ++i) {
        const auto origin = static_cast<Origin>(i);
        int times = 0;
        for (const Phase phase : everyPhase)
            times += contains(newIn(phase, *step), origin) ? 1 : 0;
        QCOMPARE(times, phaseOf(origin, *step) ? 1 : 0);
    }
}

void PhasesTest::throughTheSteps() {
    const std::vector<Phases> steps{{Phase::Mean, Phase::Variance}, {Phase::Nothing}, {Phase::Mean, Phase::Loss}};
    const auto phasesAt = [&](std::int64_t step) {
        return step >= 0 && step < 3 ? steps[static_cast<std::size_t>(step)] : Phases();
    };
    const std::vector<PhasePosition> way{
        {0, Phase::Mean}, {0, Phase::Variance}, {1, Phase::Nothing}, {2, Phase::Mean}, {2, Phase::Loss}};
    for (std::size_t i = 0; i + 1 < way.size(); ++i) {
        QVERIFY(nextPhase(way[i], phasesAt) == way[i + 1]);
        QVERIFY(previousPhase(way[i + 1], phasesAt) == way[i]);
    }
    QVERIFY(!nextPhase(way.back(), phasesAt) && !previousPhase(way.front(), phasesAt));
    // A phase that the step does not have, as after switching to eval.
    QVERIFY(nextPhase({2, Phase::Normalise}, phasesAt) == (PhasePosition{2, Phase::Loss}));
    QVERIFY(previousPhase({2, Phase::Normalise}, phasesAt) == (PhasePosition{2, Phase::Mean}));
}

QTEST_GUILESS_MAIN(PhasesTest)
#include "phases_test.moc"
