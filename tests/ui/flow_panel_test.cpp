// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_panel.h"

#include "ui/flow/phase_tab.h"
#include "ui/panels/calculation_panel.h"
#include "window_fixture.h"

#include <QDockWidget>
#include <QLineEdit>

#include <cmath>
#include <limits>

using namespace bnstudio;

namespace {

using Place = FlowGeometry::Place;

struct Fixture : WindowFixture {
    explicit Fixture(std::int64_t steps = 6) : WindowFixture(steps) { ok = ok && settle(); }
    FlowPanel& flow() { return *window.findChild<FlowPanel*>(); }
    const FlowContent& content() { return flow().content(); }
    /// The flow has drawn what the session shows.
    bool settle() {
        return await([this] {
            return session.isCurrent() && flow().isComplete() && content().frame == session.displayedFrame();
        });
    }
    bool openRun(Recipe recipe, std::int64_t steps) {
        session.open(std::move(recipe), steps);
        return awaitRun() && session.message().isEmpty() && settle();
    }
    bool setPhase(Phase phase) {
        session.setPhase(phase);
        return session.phase() == phase && await([this] { return flow().isComplete(); });
    }
    QPoint middleOf(int map, Cell cell) {
        return flow().geometryOfFlow().cellRect(map, content().matrix.rowOf(cell), cell.c).center();
    }
    void clickCell(int map, Cell cell) { QTest::mouseClick(&flow(), Qt::LeftButton, {}, middleOf(map, cell)); }
    void move(QPoint to) { QTest::mouseMove(&flow(), to); }
    void focus() {
        window.activateWindow();
        flow().setFocus();
    }
    double valueOfX(Cell cell) { return session.shown().frame->x.at(content().matrix.flat(cell)); }
    std::size_t events() { return session.recipe().events.size(); }
};

Recipe pasted(Dims shape, std::vector<double> values) {
    Recipe recipe;
    recipe.data.sources = {PastedSpec{std::move(shape), std::move(values)}};
    return recipe;
}

std::vector<double> counting(std::size_t count) {
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i)
        values[i] = static_cast<double>(i % 7) - 3;
    return values;
}

bool isWaiting(FlowStage stage) {
    return stage == FlowStage::Waiting;
}

}  // namespace

class FlowPanelTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void showsTheTensorsOfTheStep();
    void aClickSelectsACellInEveryMap();
    void aClickOnABarSelectsItsChannel();
    void hoveringLightsUpThePool();
    void arrowKeysMoveTheCell();
    void escapeGivesTheKeysBack();
    void enterEditsAndUndoRestores();
    void whatIsNoNumberIsRefused();
    void aDoubleClickEditsNaN();
    void theSwitchTogglesTheMode();
    void whatHasNotHappenedWaits();
    void tabsChooseThePhase();
    void evalTakesTheRunningStatistics();
    void backwardPhasesShowGradients();
    void peekingWithTheKey();
    void beforeTheFirstStep();
    void aRefusedBatch();
    void withoutAffineAndRunningStatistics();
    void positionsFoldOut();
    void largeTensorsZoomAndPan();
    void theCalculationPointsAtCells();
    void tellsScreenReaders();
    void hiddenItOnlyTakesNote();
};

void FlowPanelTest::showsTheTensorsOfTheStep() {
    Fixture f;
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

void FlowPanelTest::aClickSelectsACellInEveryMap() {
    Fixture f;
    QVERIFY(f.ok);
    const Cell cells[] = {{5, 2, 0}, {31, 7, 0}, {0, 0, 0}};
    for (int map = 0; map < 3; ++map) {
        f.clickCell(map, cells[map]);
        QCOMPARE(f.session.selectedCell(), cells[map]);
        QCOMPARE(f.session.currentChannel(), cells[map].c);
    }
}

void FlowPanelTest::aClickOnABarSelectsItsChannel() {
    Fixture f;
    QVERIFY(f.ok);
    f.session.selectCell({4, 1, 0});
    const QRect plot = f.flow().geometryOfFlow().statistics()[0].plot;
    QTest::mouseClick(&f.flow(), Qt::LeftButton, {}, f.flow().geometryOfFlow().columnRect(plot, 6).center());
    QCOMPARE(f.session.selectedCell(), (Cell{4, 6, 0}));
}

void FlowPanelTest::hoveringLightsUpThePool() {
    Fixture f;
    QVERIFY(f.ok);
    f.move(f.middleOf(1, {7, 4, 0}));
    QCOMPARE(f.flow().hoveredChannel(), 4);
    f.move(f.flow().geometryOfFlow().hint().center());
    QCOMPARE(f.flow().hoveredChannel(), -1);
}

void FlowPanelTest::arrowKeysMoveTheCell() {
    Fixture f;
    QVERIFY(f.ok);
    f.session.selectCell({5, 3, 0});
    const std::int64_t step = f.session.playhead();
    f.focus();
    QTest::keyClick(&f.flow(), Qt::Key_Right);
    QTest::keyClick(&f.flow(), Qt::Key_Down);
    QCOMPARE(f.session.selectedCell(), (Cell{6, 4, 0}));
    QTest::keyClick(&f.flow(), Qt::Key_Left);
    QTest::keyClick(&f.flow(), Qt::Key_Up);
    QCOMPARE(f.session.selectedCell(), (Cell{5, 3, 0}));
    QTest::keyClick(&f.flow(), Qt::Key_End);
    QTest::keyClick(&f.flow(), Qt::Key_Down);
    QCOMPARE(f.session.selectedCell(), (Cell{31, 3, 0}));
    QTest::keyClick(&f.flow(), Qt::Key_Home);
    QCOMPARE(f.session.selectedCell(), (Cell{0, 3, 0}));
    QCOMPARE(f.session.playhead(), step);
}

void FlowPanelTest::escapeGivesTheKeysBack() {
    Fixture f;
    QVERIFY(f.ok);
    f.focus();
    QVERIFY(f.await([&] { return f.flow().hasFocus(); }));
    QTest::keyClick(&f.flow(), Qt::Key_Escape);
    QVERIFY(!f.flow().hasFocus());
    const std::int64_t step = f.session.playhead();
    QTest::keyClick(&f.window, Qt::Key_Left);
    QCOMPARE(f.session.playhead(), step - 1);
}

void FlowPanelTest::enterEditsAndUndoRestores() {
    Fixture f;
    QVERIFY(f.ok);
    const Cell cell{5, 3, 0};
    f.session.selectCell(cell);
    const double before = f.valueOfX(cell);
    f.focus();
    QTest::keyClick(&f.flow(), Qt::Key_Return);
    auto* editor = f.flow().findChild<QLineEdit*>(QStringLiteral("flowCellEditor"));
    QVERIFY(editor && editor->isVisible());
    editor->setText(QStringLiteral("1e3"));
    QTest::keyClick(editor, Qt::Key_Return);
    for (const auto* each : f.flow().findChildren<QLineEdit*>())
        QVERIFY(!each->isVisible());
    QCOMPARE(f.events(), 1U);
    QCOMPARE(std::get<EditCell>(f.session.recipe().events[0].action), (EditCell{5, 3, 0, 1000}));
    QVERIFY(f.settle());
    QCOMPARE(f.valueOfX(cell), 1000.0);
    f.session.undoStack().undo();
    QVERIFY(f.settle());
    QCOMPARE(f.valueOfX(cell), before);
}

void FlowPanelTest::whatIsNoNumberIsRefused() {
    Fixture f;
    QVERIFY(f.ok);
    f.focus();
    QTest::keyClick(&f.flow(), Qt::Key_Return);
    auto* editor = f.flow().findChild<QLineEdit*>(QStringLiteral("flowCellEditor"));
    QVERIFY(editor);
    editor->setText(QStringLiteral("much"));
    QTest::keyClick(editor, Qt::Key_Return);
    QVERIFY(editor->isVisible());
    QVERIFY(f.session.message().contains(QStringLiteral("much")));
    QTest::keyClick(editor, Qt::Key_Escape);
    QVERIFY(!editor->isVisible());
    QCOMPARE(f.events(), 0U);
}

void FlowPanelTest::aDoubleClickEditsNaN() {
    Fixture f;
    QVERIFY(f.ok);
    QTest::mouseDClick(&f.flow(), Qt::LeftButton, {}, f.middleOf(0, {2, 1, 0}));
    auto* editor = f.flow().findChild<QLineEdit*>(QStringLiteral("flowCellEditor"));
    QVERIFY(editor);
    editor->setText(QStringLiteral("nan"));
    QTest::keyClick(editor, Qt::Key_Return);
    QVERIFY(f.settle());
    QVERIFY(std::isnan(f.valueOfX({2, 1, 0})));
    QVERIFY2(f.content().maps[0].subtitle.contains(QStringLiteral("1 not finite")),
             qPrintable(f.content().maps[0].subtitle));
}

void FlowPanelTest::theSwitchTogglesTheMode() {
    Fixture f;
    QVERIFY(f.ok);
    QVERIFY(f.content().trains);
    const QRect eval = f.flow().geometryOfFlow().switchLabel(1);
    auto* button = f.find<QAbstractButton>("flowSwitch");
    QTest::mouseClick(button, Qt::LeftButton, {}, button->mapFrom(&f.flow(), eval.center()));
    QVERIFY(!f.session.settings().trainMode);
    QVERIFY(f.settle());
    QVERIFY(!f.content().trains);
    QCOMPARE(f.events(), 1U);
    f.session.undoStack().undo();
    QVERIFY(f.session.settings().trainMode);
}

void FlowPanelTest::whatHasNotHappenedWaits() {
    Fixture f;
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

void FlowPanelTest::tabsChooseThePhase() {
    Fixture f;
    QVERIFY(f.ok);
    const auto tabs = f.window.findChildren<PhaseTab*>();
    QCOMPARE(std::size_t(tabs.size()), f.session.phases().size());
    for (PhaseTab* tab : tabs) {
        QTest::mouseClick(tab, Qt::LeftButton);
        QCOMPARE(int(f.session.phase()), int(tab->phase()));
        QVERIFY(tab->isChecked());
    }
    f.session.setPhase(Phase::Variance);
    for (const PhaseTab* tab : tabs)
        QCOMPARE(tab->isChecked(), tab->phase() == Phase::Variance);
}

void FlowPanelTest::evalTakesTheRunningStatistics() {
    Fixture f;
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
    Fixture f;
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

void FlowPanelTest::peekingWithTheKey() {
    Fixture f;
    QVERIFY(f.ok);
    f.focus();
    QVERIFY2(f.flow().hintText().contains(QStringLiteral("hold E to peek at eval")), qPrintable(f.flow().hintText()));
    QTest::keyPress(&f.flow(), Qt::Key_E);
    QVERIFY(f.session.isPeeking());
    QVERIFY(f.await([&] { return f.session.displayedFrame() != f.session.shown().frame; }));
    QVERIFY(f.settle());
    QVERIFY(!f.content().usesBatch);
    QVERIFY2(f.flow().hintText().startsWith(QStringLiteral("Peek")), qPrintable(f.flow().hintText()));
    QTest::keyRelease(&f.flow(), Qt::Key_E);
    QVERIFY(!f.session.isPeeking());
    QVERIFY(f.settle());
    QVERIFY(f.content().usesBatch);
    QCOMPARE(f.events(), 0U);
    // A field that takes text keeps the letter.
    QTest::keyClick(&f.flow(), Qt::Key_Return);
    auto* editor = f.flow().findChild<QLineEdit*>(QStringLiteral("flowCellEditor"));
    QVERIFY(editor);
    QTest::keyPress(editor, Qt::Key_E);
    QVERIFY(!f.session.isPeeking());
}

void FlowPanelTest::beforeTheFirstStep() {
    Fixture f;
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
    Fixture f;
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
    Fixture f;
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

void FlowPanelTest::positionsFoldOut() {
    Fixture f;
    QVERIFY(f.ok);
    QVERIFY(f.openRun(pasted({3, 2, 4}, counting(24)), 2));
    QCOMPARE(f.content().matrix, (FlowMatrix{12, 2, 4}));
    f.clickCell(0, {2, 1, 3});
    QCOMPARE(f.session.selectedCell(), (Cell{2, 1, 3}));
    f.focus();
    f.session.selectCell({0, 1, 3});
    QTest::keyClick(&f.flow(), Qt::Key_Down);  // on to the next sample
    QCOMPARE(f.session.selectedCell(), (Cell{1, 1, 0}));
    const QString tip = f.flow().tooltipAt(f.middleOf(0, {2, 1, 3}));
    QVERIFY2(tip.startsWith(QStringLiteral("x[2, 1, 3] = ")), qPrintable(tip));
    QVERIFY(tip.contains(QStringLiteral("12 values of channel 1")));
}

void FlowPanelTest::largeTensorsZoomAndPan() {
    Fixture f;
    QVERIFY(f.ok);
    GeneratorSpec generator;
    generator.n = 2000;
    generator.c = 300;
    Recipe recipe;
    recipe.data.sources = {generator};
    QVERIFY(f.openRun(recipe, 1));
    const CellWindow all{0, 2000, 0, 300};
    QCOMPARE(f.flow().window(), all);
    const QRect cells = f.flow().geometryOfFlow().maps()[0].cells;
    const QString tip = f.flow().tooltipAt(cells.center());
    QVERIFY2(tip.contains(QStringLiteral("values: samples")), qPrintable(tip));
    const auto turn = [&](int delta) {
        QWheelEvent wheel(cells.center(), f.flow().mapToGlobal(cells.center()), {}, {0, delta}, Qt::NoButton,
                          Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(&f.flow(), &wheel);
        return f.settle();
    };
    QVERIFY(turn(480));
    const CellWindow closer = f.flow().window();
    QVERIFY(closer.rows < 1000 && closer.columns < 150);
    QVERIFY(closer.hasRow(1000) && closer.hasColumn(150));
    QVERIFY(f.flow().hintText().contains(QStringLiteral("of 2000")));
    const Cell before = f.session.selectedCell();
    QTest::mousePress(&f.flow(), Qt::LeftButton, {}, cells.center());
    QTest::mouseMove(&f.flow(), cells.center() + QPoint(0, 30));
    QTest::mouseRelease(&f.flow(), Qt::LeftButton, {}, cells.center() + QPoint(0, 30));
    QVERIFY(f.settle());
    QVERIFY(f.flow().window().firstRow < closer.firstRow);
    QCOMPARE(f.session.selectedCell(), before);  // dragging does not select
    f.session.selectCell({1999, 299, 0});        // comes into sight
    QVERIFY(f.settle());
    QVERIFY(f.flow().window().hasRow(1999) && f.flow().window().hasColumn(299));
    for (int i = 0; i < 8; ++i)
        QVERIFY(turn(-480));
    QCOMPARE(f.flow().window(), all);
}

void FlowPanelTest::theCalculationPointsAtCells() {
    Fixture f;
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
    Fixture f;
    QVERIFY(f.ok);
    QVERIFY(!f.flow().accessibleName().isEmpty());
    f.session.selectCell({5, 3, 0});
    QVERIFY(f.settle());
    const QString text = f.flow().accessibleDescription();
    for (const char* part : {"x[5, 3] = ", "x̂ = ", "y = ", "channel 3"})
        QVERIFY2(text.contains(QString::fromUtf8(part)), qPrintable(text));
    for (const PhaseTab* tab : f.window.findChildren<PhaseTab*>())
        QVERIFY(!tab->accessibleName().isEmpty() && !tab->accessibleDescription().isEmpty());
    QVERIFY(!f.find<QAbstractButton>("flowSwitch")->accessibleName().isEmpty());
}

void FlowPanelTest::hiddenItOnlyTakesNote() {
    Fixture f;
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
