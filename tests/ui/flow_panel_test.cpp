// SPDX-License-Identifier: GPL-3.0-or-later
#include "flow_fixture.h"

#include "ui/flow/phase_tab.h"
#include "ui/panels/calculation_panel.h"

#include <QDockWidget>
#include <QLineEdit>

#include <cmath>

using namespace bnstudio;

namespace {

using Place = FlowGeometry::Place;

bool isWaiting(FlowStage stage) {
    return stage == FlowStage::Waiting;
}

}  // namespace

class FlowPanelTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void showsTheTensorsOfTheStep();
    void whatHasNotHappenedWaits();
    void evalTakesTheRunningStatistics();
    void backwardPhasesShowGradients();
    void beforeTheFirstStep();
    void aRefusedBatch();
    void withoutAffineAndRunningStatistics();
    void theCalculationPointsAtCells();
    void tellsScreenReaders();
    void saysWhereTheCellMoves();
    void hiddenItOnlyTakesNote();
};

void FlowPanelTest::showsTheTensorsOfTheStep() {
    FlowFixture f;
    QVERIFY(f.ok);
    QCOMPARE(f.content().matrix, (FlowMatrix{32, 8, 1}));
    for (const FlowMapContent& map : f.content().maps)
        QVERIFY2(map.isShown(), qPrintable(map.title));
    const LaneSnapshot& lane = *f.session.shown().lane;
    QCOMPARE(f.content().statistics[BatchMean].values, lane.batch.mean);
    QCOMPARE(f.content().statistics[RunningMeanBars].values, *lane.after->layer.state().runningMean);
    QCOMPARE(f.content().statistics[BatchStd].values[3], std::sqrt(lane.batch.var[3]));
    QCOMPARE(f.content().statistics[BatchMean].limit, f.content().statistics[RunningMeanBars].limit);
    QCOMPARE(f.content().parameters[0].values, *lane.after->layer.state().weight);
    const QString tip = f.flow().tooltipAt(f.middleOf(0, {5, 3, 0}));
    QVERIFY2(tip.startsWith(QStringLiteral("x[5, 3] = ")), qPrintable(tip));
    QVERIFY2(tip.contains(QStringLiteral("32 values of channel 3 are pooled")), qPrintable(tip));
}

void FlowPanelTest::whatHasNotHappenedWaits() {
    FlowFixture f;
    QVERIFY(f.ok);
    const LaneSnapshot& lane = *f.session.shown().lane;
    QVERIFY(f.setPhase(Phase::Mean));
    QCOMPARE(int(f.content().statistics[BatchMean].stage), int(FlowStage::Now));
    QVERIFY(isWaiting(f.content().statistics[BatchStd].stage) && !f.content().statistics[BatchStd].isShown());
    QVERIFY(!f.content().maps[1].isShown() && !f.content().maps[2].isShown());
    QVERIFY(f.content().maps[1].waiting.contains(QStringLiteral("normalise")));
    QCOMPARE(f.content().statistics[RunningMeanBars].note, QStringLiteral("before"));
    QCOMPARE(f.content().statistics[RunningMeanBars].values, *lane.before->layer.state().runningMean);
    QVERIFY(f.setPhase(Phase::Normalise));
    QVERIFY(f.content().maps[1].isShown() && !f.content().maps[2].isShown());
    QCOMPARE(int(f.content().arrows.fromBatch), int(FlowStage::Now));
    QCOMPARE(f.content().arrows.update, QStringLiteral("× 0.1 in phase 5"));
    QVERIFY(f.setPhase(Phase::Affine));
    QVERIFY(f.content().maps[2].isShown());
    QVERIFY(f.setPhase(Phase::RunningUpdate));
    QCOMPARE(f.content().statistics[RunningMeanBars].note, QStringLiteral("after"));
    QCOMPARE(f.content().statistics[RunningMeanBars].values, *lane.after->layer.state().runningMean);
    QCOMPARE(int(f.content().arrows.toRunning), int(FlowStage::Now));
}

void FlowPanelTest::evalTakesTheRunningStatistics() {
    FlowFixture f;
    QVERIFY(f.ok);
    f.session.apply(SetMode{false});
    QVERIFY(f.settle());
    QVERIFY(!f.content().usesBatch);
    QVERIFY(f.setPhase(Phase::Normalise));
    QCOMPARE(int(f.content().arrows.fromRunning), int(FlowStage::Now));
    QCOMPARE(int(f.content().arrows.fromBatch), int(FlowStage::Aside));
    QCOMPARE(int(f.content().statistics[BatchMean].stage), int(FlowStage::Aside));
    QVERIFY(f.content().statistics[BatchMean].isShown());
    QCOMPARE(f.content().arrows.update, QStringLiteral("no update in eval"));
}

void FlowPanelTest::backwardPhasesShowGradients() {
    FlowFixture f;
    QVERIFY(f.ok);
    const BackwardRecord& backward = *f.session.shown().lane->backward;
    QVERIFY(f.setPhase(Phase::Loss));
    QCOMPARE(int(f.content().maps[2].map), int(FlowMap::Dy));
    QVERIFY(f.content().maps[2].isShown() && !f.content().arrows.isBackward);
    QVERIFY(f.setPhase(Phase::GradSums));
    QCOMPARE(f.content().parameters[0].values, backward.sumDyXhat);
    QCOMPARE(f.content().parameters[1].values, backward.sumDy);
    QVERIFY(f.content().arrows.isBackward);
    QVERIFY(f.setPhase(Phase::GradXhat));
    QCOMPARE(int(f.content().maps[1].map), int(FlowMap::GradXhat));
    QCOMPARE(int(f.content().maps[0].map), int(FlowMap::X));
    QVERIFY(f.setPhase(Phase::GradInput));
    QCOMPARE(int(f.content().maps[0].map), int(FlowMap::GradX));
    const QString tip = f.flow().tooltipAt(f.middleOf(0, {5, 3, 0}));
    QVERIFY2(tip.startsWith(QStringLiteral("grad x[5, 3] = ")), qPrintable(tip));
    QVERIFY(f.setPhase(Phase::ParameterUpdate));
    QCOMPARE(int(f.content().maps[2].map), int(FlowMap::Y));
    QCOMPARE(f.content().parameters[0].note, QStringLiteral("after"));
}

void FlowPanelTest::beforeTheFirstStep() {
    FlowFixture f;
    QVERIFY(f.ok);
    f.session.goToFirst();
    QVERIFY(f.await([&] { return f.session.shown().step == -1; }) && f.settle());
    QVERIFY(f.content().notice.contains(QStringLiteral("Before step 0")));
    for (const FlowMapContent& map : f.content().maps)
        QVERIFY(!map.isShown());
    QVERIFY(f.content().statistics[RunningMeanBars].isShown());
    QVERIFY(f.window.findChildren<PhaseTab*>().isEmpty() || f.session.phases().empty());
    QVERIFY(!f.flow().grab().isNull());
    f.focus();
    QTest::keyClick(&f.flow(), Qt::Key_Return);  // there is nothing to edit
    QVERIFY(!f.flow().findChild<QLineEdit*>(QStringLiteral("flowCellEditor")));
}

void FlowPanelTest::aRefusedBatch() {
    FlowFixture f;
    QVERIFY(f.ok);
    // One value per channel: training refuses it.
    QVERIFY(f.openRun(pasted({1, 3}, {1, 2, 3}), 1));
    QVERIFY2(f.content().notice.startsWith(QStringLiteral("refused")), qPrintable(f.content().notice));
    QVERIFY(f.content().maps[0].isShown());
    QVERIFY(!f.content().maps[1].isShown());
    f.clickCell(0, {0, 2, 0});
    QCOMPARE(f.session.selectedCell(), (Cell{0, 2, 0}));
    QVERIFY(!f.flow().grab().isNull());
}

void FlowPanelTest::withoutAffineAndRunningStatistics() {
    FlowFixture f;
    QVERIFY(f.ok);
    Recipe recipe = pasted({4, 2}, counting(8));
    recipe.lanes.front().layer.affine = false;
    recipe.lanes.front().layer.trackRunningStats = false;
    QVERIFY(f.openRun(recipe, 2));
    QVERIFY(!f.content().hasRunning && !f.content().hasParameters);
    QVERIFY(f.content().maps[2].isShown());  // y is x̂
    QCOMPARE(flowValue(*f.content().frame, FlowMap::Y, {1, 1, 0}),
             double(float(flowValue(*f.content().frame, FlowMap::Xhat, {1, 1, 0}))));
    f.session.apply(SetMode{false});
    QVERIFY(f.settle());
    QVERIFY(f.content().usesBatch && !f.content().trains);  // eval without buffers takes the batch
    QVERIFY(!f.flow().grab().isNull());
}

void FlowPanelTest::theCalculationPointsAtCells() {
    FlowFixture f;
    QVERIFY(f.ok);
    auto* panel = f.window.findChild<CalculationPanel*>();
    emit panel->pointed(Link{Origin::X, Parameter::None, 5, 3, 0});
    QCOMPARE(f.flow().pointedPlace(), std::optional(Place{0, -1, 5, 3}));
    emit panel->pointed(Link{Origin::Y, Parameter::None, 5, 3, 0});
    QCOMPARE(f.flow().pointedPlace(), std::optional(Place{2, -1, 5, 3}));
    emit panel->pointed(Link{Origin::RunningVarAfter, Parameter::None, -1, 3, -1});
    QCOMPARE(f.flow().pointedPlace(), std::optional(Place{-1, 3, -1, 3}));
    emit panel->pointed(Link{Origin::Eps});
    QVERIFY(!f.flow().pointedPlace());
    emit panel->pointed(std::nullopt);
    QVERIFY(!f.flow().pointedPlace());
}

void FlowPanelTest::tellsScreenReaders() {
    FlowFixture f;
    QVERIFY(f.ok);
    QVERIFY(!f.flow().accessibleName().isEmpty());
    f.session.selectCell({5, 3, 0});
    QVERIFY(f.settle());
    QAccessibleInterface* spoken = QAccessible::queryAccessibleInterface(&f.flow());
    QVERIFY(spoken);
    const QString text = spoken->text(QAccessible::Description);
    for (const char* part : {"x[5, 3] = ", "x̂ = ", "y = ", "channel 3", "Ctrl+T"})
        QVERIFY2(text.contains(QString::fromUtf8(part)), qPrintable(text));
    QCOMPARE(text, f.flow().spokenDescription());
    for (const PhaseTab* tab : f.window.findChildren<PhaseTab*>())
        QVERIFY(!tab->accessibleName().isEmpty() && !tab->accessibleDescription().isEmpty());
    QVERIFY(!f.find<QAbstractButton>("flowSwitch")->accessibleName().isEmpty());
}

void FlowPanelTest::saysWhereTheCellMoves() {
    FlowFixture f;
    QVERIFY(f.ok);
    f.session.selectCell({5, 3, 0});
    f.focus();
    QVERIFY(f.settle());
    const auto says = [&f](const char* words) {
        return f.flow().spokenDescription().contains(QString::fromUtf8(words));
    };
    QTest::keyClick(&f.flow(), Qt::Key_Down);
    QVERIFY(says("x[6, 3] = ") && says("32 values of channel 3"));
    QTest::keyClick(&f.flow(), Qt::Key_Right);
    QVERIFY(says("x[6, 4] = ") && says("y = "));
    QVERIFY(f.setPhase(Phase::Mean));
    QVERIFY(says("x[6, 4] = ") && !says("y = "));  // not computed yet
}

void FlowPanelTest::hiddenItOnlyTakesNote() {
    FlowFixture f;
    QVERIFY(f.ok);
    const auto before = f.content().frame;
    f.window.findChild<QDockWidget*>(QStringLiteral("flow"))->hide();
    f.session.goTo(2);
    QVERIFY(f.await([&] { return f.session.shown().step == 2; }));
    QCoreApplication::processEvents();
    QCOMPARE(f.content().frame, before);
    f.window.findChild<QDockWidget*>(QStringLiteral("flow"))->show();
    QVERIFY(f.settle());
    QCOMPARE(f.content().frame->step, 2);
}

int main(int argc, char** argv) {
    return runWindowTest<FlowPanelTest>(argc, argv);
}
#include "flow_panel_test.moc"
