// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/run_window.h"
#include "ui/panels/timeline.h"
#include "ui/plots/running_stat_view.h"

#include <QDockWidget>

using namespace bnstudio;
using namespace bnstudio::test;

class MainWindowTest : public QObject {
    Q_OBJECT

private slots:
    void init() { QSettings().clear(); }
    void showsTheDefaultRunInEveryPanel() {
        RunWindow f;
        QVERIFY(f.ok);
        QCOMPARE(f.session.channels(), 8);
        for (auto* view : f.window.findChildren<PlotView*>()) {
            view->refresh();
            QVERIFY2(view->emptyText().isEmpty(), qPrintable(view->title() + ": " + view->emptyText()));
        }
    }

    void stepsForwardAndBackByButtonsAndKeys() {
        RunWindow f;
        QVERIFY(f.ok);
        const auto at19 = f.runningMean();
        f.click("forwardButton");
        QVERIFY(f.awaitStep(20));
        QVERIFY(f.runningMean() != at19);
        f.click("backButton");
        QVERIFY(f.awaitStep(19));
        QVERIFY(f.runningMean() == at19);
        f.window.setFocus();
        QTest::keyClick(&f.window, Qt::Key_Left);
        QVERIFY(f.awaitStep(18));
        QTest::keyClick(&f.window, Qt::Key_Home);
        QVERIFY(f.awaitStep(-1));
        QTest::keyClick(&f.window, Qt::Key_End);
        QVERIFY(f.awaitStep(20));
        QTest::keyClick(&f.window, Qt::Key_Left, Qt::ShiftModifier);
        QVERIFY(f.awaitStep(10));
    }

    void plotsShowTheSeries() {
        RunWindow f;
        QVERIFY(f.ok);
        auto* view = f.find<RunningStatView>();
        view->refresh();
        const auto line = view->plottedLine(PlotRole::Running, f.session.currentChannel());
        QVERIFY(line.size() >= 20);
        QCOMPARE(line.back().y(), f.session.series().at(Quantity::RunningMean, 19, f.session.currentChannel()));
    }

    void jumpsToATypedStep() {
        RunWindow f;
        QVERIFY(f.ok);
        f.type("stepField", QStringLiteral("7"));
        QVERIFY(f.awaitStep(7));
        f.type("stepField", QStringLiteral("40"));
        QVERIFY(f.awaitStep(40));
        QCOMPARE(f.session.head(), 41);
        f.type("stepField", QStringLiteral("seven"));
        QVERIFY(f.session.message().contains(QStringLiteral("seven")));
        QCOMPARE(f.session.playhead(), 40);
    }

    void dragsTheTimeline() {
        RunWindow f;
        QVERIFY(f.ok);
        auto* timeline = f.find<Timeline>();
        const auto at = [&](std::int64_t step) {
            return QPoint(static_cast<int>(timeline->xOf(static_cast<double>(step) + 0.5)), 36);
        };
        QTest::mousePress(timeline, Qt::LeftButton, {}, at(15));
        QTest::mouseMove(timeline, at(9));
        QTest::mouseRelease(timeline, Qt::LeftButton, {}, at(9));
        QVERIFY(f.awaitStep(9));
    }

    void changesMomentumAndTakesItBack() {
        RunWindow f;
        QVERIFY(f.ok);
        const auto before = f.runningMean();
        f.type("momentumField", QStringLiteral("0.5"));
        QCOMPARE(f.session.recipe().lanes[0].layer.momentum, std::optional(0.5));
        QVERIFY(QTest::qWaitFor([&] { return f.runningMean() != before && f.session.isCurrent(); }, patienceMs));
        QTest::keyClick(&f.window, Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(QTest::qWaitFor([&] { return f.runningMean() == before; }, patienceMs));
        QCOMPARE(f.session.recipe().lanes[0].layer.momentum, std::optional(0.1));
        QVERIFY(!f.window.document().isModified());
    }

    void nonsenseInAFieldChangesNothing() {
        RunWindow f;
        QVERIFY(f.ok);
        f.type("momentumField", QStringLiteral("fast"));
        f.type("epsField", QStringLiteral("-1"));
        f.type("epsField", QString());
        QVERIFY(f.session.recipe() == defaultRecipe());
        QVERIFY(!f.session.message().isEmpty());
    }

    void evalFromAStepIsAnEvent() {
        RunWindow f;
        QVERIFY(f.ok);
        f.click("evalButton");
        QVERIFY(QTest::qWaitFor([&] { return f.session.shown().lane && !f.session.shown().lane->before->trainMode; },
                                patienceMs));
        QCOMPARE(f.session.recipe().events.size(), 1u);
        QCOMPARE(f.session.recipe().events[0].step, 19);
        QVERIFY(!f.session.shown().lane->forward.usedBatchStatistics);
    }

    void theLayoutComesBack() {
        {
            RunWindow f;
            QVERIFY(f.ok);
            f.find<QDockWidget>("heat")->close();
            QVERIFY(f.window.close());
        }
        RunWindow f;
        QVERIFY(f.ok);
        f.window.restoreLayout();
        QVERIFY(!f.find<QDockWidget>("heat")->isVisible());
        f.window.docks().arrange();
        QVERIFY(f.find<QDockWidget>("heat")->isVisible());
    }

    void oneSelectionForAllViews() {
        RunWindow f;
        QVERIFY(f.ok);
        f.session.selectChannel(5);
        QVERIFY(QTest::qWaitFor(
            [&] { return f.session.shown().distributions && f.session.shown().distributions->channel == 5; },
            patienceMs));
        auto* view = f.find<RunningStatView>();
        view->refresh();
        QVERIFY(!view->plottedLine(PlotRole::Running, 5).empty());
        QVERIFY(view->plottedLine(PlotRole::Running, 3).empty());
    }

    void aRefusedBatchIsShownNotAlarmed() {
        RunWindow f;
        QVERIFY(f.ok);
        Recipe recipe = f.session.recipe();
        std::get<GeneratorSpec>(recipe.data.sources[0]).n = 1;
        f.session.edit(QStringLiteral("N"), recipe);
        QVERIFY(
            QTest::qWaitFor([&] { return f.session.shown().lane && f.session.shown().lane->refused(); }, patienceMs));
        QVERIFY(QApplication::activeModalWidget() == nullptr);
        for (auto* view : f.window.findChildren<PlotView*>())
            view->refresh();
    }

    void everyControlHasAName() {
        RunWindow f;
        QVERIFY(f.ok);
        for (auto* button : f.window.findChildren<QAbstractButton*>())
            if (button->isVisible() && button->focusPolicy() != Qt::NoFocus)
                QVERIFY2(!button->text().isEmpty() || !button->accessibleName().isEmpty(),
                         qPrintable(button->objectName()));
    }

    void noTwoActionsShareAKey() {
        QSet<QString> seen;
        for (const ActionSpec& spec : actionTable())
            for (const QKeySequence& key : spec.keys) {
                QVERIFY2(!seen.contains(key.toString()), qPrintable(key.toString()));
                seen.insert(key.toString());
            }
    }
};

int main(int argc, char** argv) {
    return runWindowTest<MainWindowTest>(argc, argv);
}
#include "main_window_test.moc"
