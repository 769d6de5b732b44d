// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run.h"
#include "ui/session/session.h"

#include <QSignalSpy>
#include <QTest>

using namespace bnstudio;

namespace {

// Long enough for a sanitizer build on a busy machine; a wait ends as soon as its condition holds.
constexpr int patienceMs = 60000;

bool awaitStep(Session& session, std::int64_t step) {
    return QTest::qWaitFor([&] { return session.shown().step == step && session.playhead() == step; }, patienceMs);
}
bool awaitHead(Session& session, std::int64_t head) {
    return QTest::qWaitFor([&] { return session.head() >= head && session.series().length() >= head; }, patienceMs);
}

Recipe smallRecipe() {
    Recipe recipe;
    GeneratorSpec generator;
    generator.n = 8;
    generator.c = 5;
    recipe.data.sources = {generator};
    return recipe;
}

std::vector<double> runningMean(const Session& session) {
    return *session.shown().state->layer.state().runningMean;
}

}  // namespace

class SessionTest : public QObject {
    Q_OBJECT
private slots:
    void showsTheLastInitialStep() {
        Session session(smallRecipe(), 12);
        QVERIFY(awaitStep(session, 11));
        QVERIFY(awaitHead(session, 12));
        QCOMPARE(session.channels(), 5);
        QCOMPARE(session.currentChannel(), 3);
        QVERIFY(session.shown().distributions);
    }

    void computesWhatAPlainRunComputes() {
        Session session(smallRecipe(), 7);
        QVERIFY(awaitStep(session, 6));
        Run run(smallRecipe());
        for (int k = 0; k < 7; ++k)
            run.advance();
        QVERIFY(session.shown().lane->after->layer == run.snapshot(6)->lanes[0]->after->layer);
    }

    void goesBackToExactlyTheSameNumbers() {
        Session session(smallRecipe(), 3);
        QVERIFY(awaitStep(session, 2));
        const auto before = runningMean(session);
        session.stepForward(5);
        QVERIFY(awaitStep(session, 7));
        QVERIFY(runningMean(session) != before);
        session.goTo(2);
        QVERIFY(awaitStep(session, 2));
        QVERIFY(runningMean(session) == before);
        QCOMPARE(session.head(), 8);  // going back forgets nothing
    }

    void theStartHasAStateAndNoStep() {
        Session session(smallRecipe(), 3);
        QVERIFY(awaitStep(session, 2));
        session.goToFirst();
        QVERIFY(awaitStep(session, -1));
        QVERIFY(!session.shown().snapshot);
        QVERIFY(runningMean(session) == std::vector<double>(5, 0.0));
    }

    void editsFromTheStartChangeTheWholeRun() {
        Session session(smallRecipe(), 10);
        QVERIFY(awaitStep(session, 9));
        const double before = session.series().at(Quantity::RunningMean, 0, 0);
        session.apply(SetMomentum{1.0});
        QVERIFY(QTest::qWaitFor(
            [&] { return session.head() == 10 && session.series().length() == 10 && session.ghost().length() == 10; },
            patienceMs));
        QCOMPARE(session.recipe().lanes[0].layer.momentum, std::optional(1.0));
        QVERIFY(session.recipe().events.empty());
        // With momentum 1 the running mean is the batch mean.
        QCOMPARE(session.series().at(Quantity::RunningMean, 0, 0), session.series().at(Quantity::BatchMean, 0, 0));
        QCOMPARE(session.ghost().at(Quantity::RunningMean, 0, 0), before);
    }

    void editsFromHereAreEventsAndKeepThePast() {
        Session session(smallRecipe(), 10);
        QVERIFY(awaitStep(session, 9));
        session.goTo(4);
        QVERIFY(awaitStep(session, 4));
        std::vector<double> past(4);
        session.series().column(Quantity::RunningMean, 0, 0, past);
        session.setEditScope(Session::EditScope::FromHere);
        session.apply(SetMomentum{1.0});
        QVERIFY(QTest::qWaitFor([&] { return session.head() == 10 && session.ghost().length() == 10; }, patienceMs));
        QCOMPARE(session.recipe().events.size(), 1u);
        QCOMPARE(session.recipe().events[0].step, 4);
        std::vector<double> now(4);
        session.series().column(Quantity::RunningMean, 0, 0, now);
        QVERIFY(now == past);
        QCOMPARE(session.series().at(Quantity::RunningMean, 4, 0), session.series().at(Quantity::BatchMean, 4, 0));
        QCOMPARE(session.settings().layer.momentum, std::optional(1.0));
    }

    void undoAndRedoWalkThroughEditsNotThroughTime() {
        Session session(smallRecipe(), 6);
        QVERIFY(awaitStep(session, 5));
        const auto before = runningMean(session);
        session.apply(SetMomentum{0.5});
        QVERIFY(QTest::qWaitFor(
            [&] { return session.head() == 6 && session.isCurrent() && runningMean(session) != before; }, patienceMs));
        session.undoStack().undo();
        QVERIFY(QTest::qWaitFor([&] { return session.head() == 6 && runningMean(session) == before; }, patienceMs));
        QCOMPARE(session.playhead(), 5);
        session.undoStack().redo();
        QVERIFY(QTest::qWaitFor([&] { return session.head() == 6 && runningMean(session) != before; }, patienceMs));
    }

    void aSliderDragIsOneUndoEntry() {
        Session session(smallRecipe(), 2);
        QVERIFY(awaitStep(session, 1));
        for (int i = 1; i <= 20; ++i)
            session.apply(SetMomentum{i / 100.0}, 1);
        QCOMPARE(session.undoStack().count(), 1);
        session.undoStack().undo();
        QCOMPARE(session.recipe().lanes[0].layer.momentum, std::optional(0.1));
    }

    void aRefusedEditChangesNothing() {
        Session session(smallRecipe(), 2);
        QVERIFY(awaitStep(session, 1));
        Recipe broken = session.recipe();
        std::get<GeneratorSpec>(broken.data.sources[0]).std = {-1.0};
        session.edit(QStringLiteral("std"), broken);
        QVERIFY(!session.message().isEmpty());
        QVERIFY(session.recipe() == smallRecipe());
        QCOMPARE(session.undoStack().count(), 0);
    }

    void anEditThatCannotBeOpenedIsTakenBack() {
        Session session(smallRecipe(), 2);
        QVERIFY(awaitStep(session, 1));
        Recipe next = session.recipe();
        FileSpec file;
        file.path = "/nonexistent/file.npy";
        next.data.sources = {file};
        session.edit(QStringLiteral("file"), next);
        QVERIFY(QTest::qWaitFor([&] { return !session.message().isEmpty(); }, patienceMs));
        QVERIFY2(session.message().contains(QStringLiteral("/nonexistent/file.npy")), qPrintable(session.message()));
        QVERIFY(session.recipe() == smallRecipe());
        session.stepForward();
        QVERIFY(awaitStep(session, 2));
    }

    void openingABadFileKeepsTheSession() {
        Session session(smallRecipe(), 4);
        QVERIFY(awaitStep(session, 3));
        const auto before = runningMean(session);
        QSignalSpy refused(&session, &Session::recipeRefused);
        Recipe bad;
        FileSpec file;
        file.path = "/nonexistent/data.csv";
        bad.data.sources = {file};
        session.open(bad, 10);
        QVERIFY(QTest::qWaitFor([&] { return refused.count() == 1; }, patienceMs));
        QVERIFY(!session.isOpening());
        QCOMPARE(session.shown().step, 3);
        QVERIFY(runningMean(session) == before);
        session.stepForward();
        QVERIFY(awaitStep(session, 4));
    }

    void aRefusedBatchIsAStepAndTheRunGoesOn() {
        Recipe recipe = smallRecipe();
        std::get<GeneratorSpec>(recipe.data.sources[0]).n = 1;
        Session session(recipe, 3);
        QVERIFY(awaitStep(session, 2));
        QVERIFY(session.shown().lane->refused());
        QVERIFY(QString::fromStdString(session.shown().lane->error)
                    .startsWith(QStringLiteral("Expected more than 1 value per channel")));
        QVERIFY(session.message().isEmpty());  // shown as a step, not as an alarm
    }

    void playingGoesOnUntilPaused() {
        Session session(smallRecipe(), 2);
        QVERIFY(awaitStep(session, 1));
        session.setSpeed(1000);
        session.play();
        QVERIFY(QTest::qWaitFor([&] { return session.shown().step >= 30; }, patienceMs));
        session.pause();
        QVERIFY(QTest::qWaitFor([&] { return session.isCurrent(); }, patienceMs));
        const std::int64_t stopped = session.playhead();
        QVERIFY(session.head() > stopped);
        QCOMPARE(session.shown().step, stopped);
    }

    void closingInMidRunStops() {
        Recipe recipe = smallRecipe();
        auto& generator = std::get<GeneratorSpec>(recipe.data.sources[0]);
        generator.n = 4096;
        generator.c = 256;
        auto session = std::make_unique<Session>(recipe, 100000);
        QVERIFY(QTest::qWaitFor([&] { return session->head() > 0; }, patienceMs));
        session.reset();  // joins the worker; a hang here fails by the test's time limit
    }

    void anotherRecipeNeverStandsBesideOldNumbers() {
        Session session(smallRecipe(), 10);
        QVERIFY(awaitStep(session, 9));
        Recipe other = smallRecipe();
        std::get<GeneratorSpec>(other.data.sources[0]).n = 11;
        bool opened = false, mixed = false;
        connect(&session, &Session::recipeOpened, this, [&] { opened = true; });
        connect(&session, &Session::changed, this, [&] {
            mixed = mixed || (opened && session.shown().snapshot && session.shown().snapshot->batchShape[0] != 11);
        });
        session.open(other, 10);
        QVERIFY(QTest::qWaitFor([&] { return opened && session.isCurrent(); }, patienceMs));
        QVERIFY(!mixed);
        QCOMPARE(session.shown().snapshot->batchShape[0], 11);
    }

    void selectionIsShared() {
        Session session(smallRecipe(), 2);
        QVERIFY(awaitStep(session, 1));
        session.selectChannels({4, 1, 1, 99}, 1);
        QVERIFY(session.selectedChannels() == (std::vector<std::int64_t>{1, 4}));
        QVERIFY(QTest::qWaitFor(
            [&] { return session.shown().distributions && session.shown().distributions->channel == 1; }, patienceMs));
    }

    void theCellFollowsTheChannelAndTheOtherWayRound() {
        Session session(smallRecipe(), 2);
        QVERIFY(awaitStep(session, 1));
        QVERIFY(session.selectedCell() == (Cell{0, 3, 0}));
        QSignalSpy changes(&session, &Session::changed);
        session.selectCell({5, 1, 0});
        QVERIFY(session.selectedCell() == (Cell{5, 1, 0}));
        QCOMPARE(session.currentChannel(), 1);
        QVERIFY(session.selectedChannels() == std::vector<std::int64_t>{1});
        QVERIFY(changes.at(0).at(0).value<Changes>().testFlag(Change::Selection));
        session.selectChannel(4);
        QVERIFY(session.selectedCell() == (Cell{5, 4, 0}));
        session.selectChannels({2, 4}, 4);
        session.selectCell({6, 2, 0});  // among the selected ones: the others stay
        QVERIFY(session.selectedChannels() == (std::vector<std::int64_t>{2, 4}));
        QCOMPARE(session.currentChannel(), 2);
    }

    void theCellStaysWithinTheBatch() {
        Session session(smallRecipe(), 2);
        QVERIFY(awaitStep(session, 1));
        session.selectCell({100, 100, 100});
        QVERIFY(session.selectedCell() == (Cell{7, 4, 0}));
        session.selectCell({-1, -1, -1});
        QVERIFY(session.selectedCell() == (Cell{0, 0, 0}));
        session.selectCell({7, 4, 0});
        Recipe smaller = smallRecipe();
        std::get<GeneratorSpec>(smaller.data.sources[0]).n = 3;
        session.edit(QStringLiteral("n"), smaller);
        QVERIFY(QTest::qWaitFor([&] { return session.isCurrent(); }, patienceMs));
        QVERIFY(session.selectedCell() == (Cell{2, 4, 0}));
        session.undoStack().undo();
        QVERIFY(QTest::qWaitFor([&] { return session.isCurrent(); }, patienceMs));
        QVERIFY(session.selectedCell() == (Cell{7, 4, 0}));  // what was chosen is not forgotten
    }

    void phasesLeadFromStepToStep() {
        Session session(smallRecipe(), 3);
        QVERIFY(awaitStep(session, 2));
        // Forward only: mean, variance, normalise, affine, running update.
        QCOMPARE(session.phases().size(), 5u);
        QCOMPARE(session.phase(), Phase::RunningUpdate);
        session.stepPhase(-1);
        QCOMPARE(session.phase(), Phase::Affine);
        session.setPhase(Phase::Mean);
        session.stepPhase(-1);
        QVERIFY(awaitStep(session, 1));
        QCOMPARE(session.phase(), Phase::RunningUpdate);
        session.stepPhase(1);
        QVERIFY(awaitStep(session, 2));
        QCOMPARE(session.phase(), Phase::Mean);
        session.stepForward();
        QVERIFY(awaitStep(session, 3));
        QCOMPARE(session.phase(), Phase::RunningUpdate);  // a step is entered with all of it visible
    }

    void playsPhaseByPhase() {
        Session session(smallRecipe(), 3);
        QVERIFY(awaitStep(session, 2));
        session.goToFirst();
        QVERIFY(awaitStep(session, -1));
        std::vector<std::pair<std::int64_t, Phase>> seen;
        connect(&session, &Session::changed, &session, [&] {
            const std::pair now{session.shown().step, session.phase()};
            if (session.shown().step >= 0 && (seen.empty() || seen.back() != now))
                seen.push_back(now);
        });
        session.setPlaysPhases(true);
        session.setSpeed(1000);
        session.play();
        QVERIFY(QTest::qWaitFor([&] { return seen.size() >= 12; }, patienceMs));
        session.pause();
        const std::vector<Phase> phases{Phase::Mean, Phase::Variance, Phase::Normalise, Phase::Affine,
                                        Phase::RunningUpdate};
        for (std::size_t i = 0; i < 12; ++i) {
            QCOMPARE(seen[i].first, static_cast<std::int64_t>(i / 5));
            QCOMPARE(seen[i].second, phases[i % 5]);
        }
    }

    void phasesEndAtTheStart() {
        Session session(smallRecipe(), 1);
        QVERIFY(awaitStep(session, 0));
        session.setPhase(Phase::Mean);
        session.stepPhase(-1);
        QVERIFY(awaitStep(session, -1));
        QVERIFY(session.phases().empty());
        session.stepPhase(-1);
        QCOMPARE(session.playhead(), -1);
        session.stepPhase(1);
        QVERIFY(awaitStep(session, 0));
        QCOMPARE(session.phase(), Phase::Mean);
    }

    void aPhaseThatTheStepLacksStandsForTheOneBefore() {
        Session session(smallRecipe(), 2);
        QVERIFY(awaitStep(session, 1));
        session.setPhase(Phase::Loss);
        QCOMPARE(session.phase(), Phase::RunningUpdate);
        QSignalSpy changes(&session, &Session::changed);
        session.setPhase(Phase::Variance);
        QCOMPARE(changes.count(), 1);
        QVERIFY(changes.at(0).at(0).value<Changes>().testFlag(Change::Phase));
        session.apply(SetMode{false});  // the step is computed again; the phase stays
        QVERIFY(QTest::qWaitFor([&] { return session.isCurrent() && !session.shown().lane->before->trainMode; },
                                patienceMs));
        QCOMPARE(session.phase(), Phase::Variance);
    }

    void peekingShowsTheOtherModeAndRecordsNothing() {
        Session session(smallRecipe(), 4);
        QVERIFY(awaitStep(session, 3));
        const auto shown = session.shown().frame;
        const auto before = runningMean(session);
        session.setPhase(Phase::RunningUpdate);
        session.setPeeking(true);
        QVERIFY(QTest::qWaitFor([&] { return session.displayedFrame() != shown; }, patienceMs));
        QVERIFY(shown->snapshot->forward.usedBatchStatistics);
        QVERIFY(!session.displayedLane()->forward.usedBatchStatistics);
        QVERIFY(session.displayedLane()->forward.mean == *shown->snapshot->before->layer.state().runningMean);
        QCOMPARE(session.phases().back(), Phase::Affine);  // eval updates nothing
        session.setPeeking(false);
        QVERIFY(session.displayedFrame() == shown);
        QVERIFY(session.displayedLane() == session.shown().lane);
        QVERIFY(runningMean(session) == before);
        QCOMPARE(session.undoStack().count(), 0);
        session.stepForward();
        QVERIFY(awaitStep(session, 4));
        Run run(smallRecipe());
        for (int k = 0; k < 5; ++k)
            run.advance();
        QVERIFY(session.shown().lane->after->layer == run.snapshot(4)->lanes[0]->after->layer);
    }

    void peekingGoesAlongWithTheSteps() {
        Session session(smallRecipe(), 4);
        QVERIFY(awaitStep(session, 3));
        session.setPeeking(true);
        session.goTo(1);
        QVERIFY(QTest::qWaitFor(
            [&] {
                return session.shown().step == 1 && session.displayedFrame() != session.shown().frame
                       && session.displayedFrame()->step == 1;
            },
            patienceMs));
        session.goToFirst();
        QVERIFY(awaitStep(session, -1));
        QVERIFY(!session.displayedFrame());
    }
};

QTEST_GUILESS_MAIN(SessionTest)
#include "session_test.moc"
