// SPDX-License-Identifier: GPL-3.0-or-later
// The flow of a step, used by keys alone and by the mouse alone.
#include "ui/flow/flow_panel.h"
#include "window_driver.h"

#include <QLineEdit>

using namespace bnstudio;

namespace {

struct FlowDriver : WindowDriver {
    explicit FlowDriver(std::int64_t steps = 12) : WindowDriver(steps) { ok = ok && drawn(); }
    FlowPanel& flow() { return panel<FlowPanel>(); }
    bool drawn() {
        return await([this] {
            return session.isCurrent() && flow().isComplete() && flow().content().frame == session.displayedFrame();
        });
    }
    QPoint middleOf(int map, Cell cell) {
        return flow().geometryOfFlow().cellRect(map, flow().content().matrix.rowOf(cell), cell.c).center();
    }
    double valueOfX(Cell cell) { return session.shown().frame->x.at(flow().content().matrix.flat(cell)); }
    bool enterFlow() { return enter("flow") && (flow().hasFocus() || tabTo(flow())); }
};

Recipe manyRowsAndChannels() {
    Recipe recipe;
    GeneratorSpec large;
    large.n = large.c = 512;
    recipe.data.sources = {large};
    return recipe;
}

}  // namespace

class DriveFlowTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void selectsAndEditsByKeys();
    void selectsAndEditsByMouse();
    void switchesTheModeByKeys();
    void switchesTheModeByMouse();
    void peeksWhileTheKeyIsHeld();
    void hoveringLightsThePool();
    void largeTensorsByKeys();
    void largeTensorsByMouse();
};

void DriveFlowTest::selectsAndEditsByKeys() {
    FlowDriver f;
    QVERIFY(f.ok && f.enterFlow());
    const Cell first = f.session.selectedCell();
    f.keys(Qt::Key_Down, 2);
    f.key(Qt::Key_Right);
    const Cell cell{first.n + 2, first.c + 1, 0};
    QCOMPARE(f.session.selectedCell(), cell);
    QCOMPARE(f.session.currentChannel(), cell.c);
    const double before = f.valueOfX(cell);
    f.key(Qt::Key_Return);
    f.type(QStringLiteral("9.5"));
    f.key(Qt::Key_Return);
    QVERIFY(f.drawn());
    QCOMPARE(f.valueOfX(cell), 9.5);
    QVERIFY(f.flow().hasFocus());
    f.key(Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(f.drawn());
    QCOMPARE(f.valueOfX(cell), before);
    f.key(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(f.drawn());
    QCOMPARE(f.valueOfX(cell), 9.5);
    f.key(Qt::Key_Escape);
    QVERIFY(!f.flow().hasFocus());
    f.key(Qt::Key_Left);  // the window's again
    QVERIFY(f.awaitStep(10));
}

void DriveFlowTest::selectsAndEditsByMouse() {
    FlowDriver f;
    QVERIFY(f.ok);
    QVERIFY(f.click(f.flow(), f.middleOf(1, {20, 6, 0})));
    QCOMPARE(f.session.selectedCell(), (Cell{20, 6, 0}));
    QVERIFY(f.click(f.flow(), f.middleOf(0, {4, 2, 0})));
    QCOMPARE(f.session.selectedCell(), (Cell{4, 2, 0}));
    f.doubleClick(f.flow(), f.middleOf(0, {7, 5, 0}));
    auto* editor = f.flow().findChild<QLineEdit*>(QStringLiteral("flowCellEditor"));
    QVERIFY(editor && editor->isVisible() && editor->hasFocus());
    f.type(QStringLiteral("-2.25"));
    f.key(Qt::Key_Return);
    QVERIFY(f.drawn());
    QCOMPARE(f.valueOfX({7, 5, 0}), -2.25);
    QVERIFY(f.chooseInMenu({QStringLiteral("Edit"), QStringLiteral("Undo")}));
    QVERIFY(f.drawn());
    QVERIFY(f.valueOfX({7, 5, 0}) != -2.25);
}

void DriveFlowTest::switchesTheModeByKeys() {
    FlowDriver f;
    QVERIFY(f.ok && f.enterFlow());
    f.key(Qt::Key_T);
    QVERIFY(f.drawn());
    QVERIFY(!f.flow().content().trains);
    QVERIFY(!f.session.settings().trainMode);
    QCOMPARE(f.session.recipe().events.back().step, 11);
    f.key(Qt::Key_T);
    QVERIFY(f.drawn());
    QVERIFY(f.flow().content().trains);
}

void DriveFlowTest::switchesTheModeByMouse() {
    FlowDriver f;
    QVERIFY(f.ok);
    const QPoint eval = f.flow().geometryOfFlow().switchLabel(1).center();
    QVERIFY(f.click(f.flow(), eval));
    QVERIFY(f.drawn());
    QVERIFY(!f.flow().content().trains);
    QVERIFY(!f.flow().content().usesBatch);
    QVERIFY(f.clickOn("trainButton"));
    QVERIFY(f.drawn());
    QVERIFY(f.flow().content().trains);
}

void DriveFlowTest::peeksWhileTheKeyIsHeld() {
    FlowDriver f;
    QVERIFY(f.ok && f.enterFlow());
    const Recipe before = f.session.recipe();
    QTest::keyPress(f.front(), Qt::Key_E);
    QVERIFY(f.await([&] { return f.session.displayedFrame() != f.session.shown().frame; }) && f.drawn());
    QVERIFY(!f.flow().content().usesBatch);
    QTest::keyRelease(f.front(), Qt::Key_E);
    QVERIFY(f.drawn());
    QVERIFY(f.flow().content().usesBatch);
    QVERIFY(f.session.recipe() == before);
}

void DriveFlowTest::hoveringLightsThePool() {
    FlowDriver f;
    QVERIFY(f.ok);
    f.move(f.flow(), f.middleOf(0, {7, 4, 0}));
    QCOMPARE(f.flow().hoveredChannel(), 4);
    f.move(f.flow(), f.middleOf(2, {1, 0, 0}));
    QCOMPARE(f.flow().hoveredChannel(), 0);
    f.move(*f.window.menuBar(), {5, 5});
    QCOMPARE(f.flow().hoveredChannel(), -1);
}

void DriveFlowTest::largeTensorsByKeys() {
    FlowDriver f;
    QVERIFY(f.ok && f.openRun(manyRowsAndChannels(), 2) && f.drawn() && f.enterFlow());
    f.key(Qt::Key_End);
    QCOMPARE(f.session.selectedCell().n, 511);
    f.keys(Qt::Key_Up, 3);
    QCOMPARE(f.session.selectedCell().n, 508);
    const CellWindow whole = f.flow().window();
    f.keys(Qt::Key_Plus, 6);
    QVERIFY(f.drawn());
    QVERIFY(f.flow().window().cells() < whole.cells());
    QVERIFY(f.flow().window().hasRow(508));
    f.key(Qt::Key_0);
    QVERIFY(f.drawn());
    QCOMPARE(f.flow().window(), whole);
}

void DriveFlowTest::largeTensorsByMouse() {
    FlowDriver f;
    QVERIFY(f.ok && f.openRun(manyRowsAndChannels(), 2) && f.drawn());
    const QPoint place = f.flow().geometryOfFlow().maps()[0].cells.center();
    const CellWindow whole = f.flow().window();
    f.wheel(f.flow(), place, 6);
    QVERIFY(f.drawn());
    const CellWindow part = f.flow().window();
    QVERIFY(part.rows < whole.rows && part.columns < whole.columns);
    QVERIFY(!f.flow().geometryOfFlow().minimap().isEmpty());
    f.drag(f.flow(), place, place + QPoint(-30, -30));
    QVERIFY(f.drawn());
    QVERIFY(f.flow().window().firstRow > part.firstRow);
    f.wheel(f.flow(), place, -20);
    QVERIFY(f.drawn());
    QCOMPARE(f.flow().window().rows, whole.rows);
}

int main(int argc, char** argv) {
    return runWindowTest<DriveFlowTest>(argc, argv);
}

#include "drive_flow_test.moc"
