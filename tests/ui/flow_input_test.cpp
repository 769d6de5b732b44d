// SPDX-License-Identifier: GPL-3.0-or-later
#include "flow_fixture.h"

#include "ui/flow/phase_tab.h"

#include <QLineEdit>

#include <cmath>

using namespace bnstudio;

class FlowInputTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void aClickSelectsACellInEveryMap();
    void aClickOnABarSelectsItsChannel();
    void hoveringLightsUpThePool();
    void arrowKeysMoveTheCell();
    void escapeGivesTheKeysBack();
    void enterEditsAndUndoRestores();
    void whatIsNoNumberIsRefused();
    void aDoubleClickEditsNaN();
    void theSwitchTogglesTheMode();
    void tabsChooseThePhase();
    void peekingWithTheKey();
    void positionsFoldOut();
    void editsAPartOfAStrip();
    void keysZoom();
    void largeTensorsZoomAndPan();
};

void FlowInputTest::aClickSelectsACellInEveryMap() {
    FlowFixture f;
    QVERIFY(f.ok);
    const Cell cells[] = {{5, 2, 0}, {31, 7, 0}, {0, 0, 0}};
    for (int map = 0; map < 3; ++map) {
        f.clickCell(map, cells[map]);
        QCOMPARE(f.session.selectedCell(), cells[map]);
        QCOMPARE(f.session.currentChannel(), cells[map].c);
    }
}

void FlowInputTest::aClickOnABarSelectsItsChannel() {
    FlowFixture f;
    QVERIFY(f.ok);
    f.session.selectCell({4, 1, 0});
    const QRect plot = f.flow().geometryOfFlow().statistics()[0].plot;
    QTest::mouseClick(&f.flow(), Qt::LeftButton, {}, f.flow().geometryOfFlow().columnRect(plot, 6).center());
    QCOMPARE(f.session.selectedCell(), (Cell{4, 6, 0}));
}

void FlowInputTest::hoveringLightsUpThePool() {
    FlowFixture f;
    QVERIFY(f.ok);
    f.move(f.middleOf(1, {7, 4, 0}));
    QCOMPARE(f.flow().hoveredChannel(), 4);
    f.move(f.flow().geometryOfFlow().hint().center());
    QCOMPARE(f.flow().hoveredChannel(), -1);
}

void FlowInputTest::arrowKeysMoveTheCell() {
    FlowFixture f;
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

void FlowInputTest::escapeGivesTheKeysBack() {
    FlowFixture f;
    QVERIFY(f.ok);
    f.focus();
    QVERIFY(f.await([&] { return f.flow().hasFocus(); }));
    QTest::keyClick(&f.flow(), Qt::Key_Escape);
    QVERIFY(!f.flow().hasFocus());
    const std::int64_t step = f.session.playhead();
    QTest::keyClick(&f.window, Qt::Key_Left);
    QCOMPARE(f.session.playhead(), step - 1);
}

void FlowInputTest::enterEditsAndUndoRestores() {
    FlowFixture f;
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

void FlowInputTest::whatIsNoNumberIsRefused() {
    FlowFixture f;
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

void FlowInputTest::aDoubleClickEditsNaN() {
    FlowFixture f;
    QVERIFY(f.ok);
    QVERIFY(!f.flow().geometryOfFlow().frame().hasKey);  // all is finite
    QTest::mouseDClick(&f.flow(), Qt::LeftButton, {}, f.middleOf(0, {2, 1, 0}));
    auto* editor = f.flow().findChild<QLineEdit*>(QStringLiteral("flowCellEditor"));
    QVERIFY(editor);
    editor->setText(QStringLiteral("nan"));
    QTest::keyClick(editor, Qt::Key_Return);
    QVERIFY(f.settle());
    QVERIFY(std::isnan(f.valueOfX({2, 1, 0})));
    QVERIFY(f.flow().geometryOfFlow().frame().hasKey);
    QVERIFY2(f.content().maps[0].subtitle.contains(QStringLiteral("1 not finite")),
             qPrintable(f.content().maps[0].subtitle));
}

void FlowInputTest::theSwitchTogglesTheMode() {
    FlowFixture f;
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

void FlowInputTest::tabsChooseThePhase() {
    FlowFixture f;
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

void FlowInputTest::peekingWithTheKey() {
    FlowFixture f;
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

void FlowInputTest::positionsFoldOut() {
    FlowFixture f;
    QVERIFY(f.ok);
    QVERIFY(f.openRun(pasted({3, 2, 4}, counting(24)), 2));
    QCOMPARE(f.content().matrix, (FlowMatrix{3, 2, 4, 0}));  // so few rows that one sample is folded out at first
    f.clickCell(0, {2, 1, 3});
    QCOMPARE(f.session.selectedCell(), (Cell{2, 1, 3}));
    f.focus();
    f.session.selectCell({0, 1, 3});
    QTest::keyClick(&f.flow(), Qt::Key_Down);  // on to the next sample
    QCOMPARE(f.session.selectedCell(), (Cell{1, 1, 3}));
    QTest::keyClick(&f.flow(), Qt::Key_L);
    QVERIFY(f.settle());
    QCOMPARE(f.content().matrix.unfolded, 1);
    for (const Cell cell : {Cell{1, 0, 2}, Cell{2, 1, 3}, Cell{0, 1, 1}}) {
        f.clickCell(1, cell);
        QCOMPARE(f.session.selectedCell(), cell);
        const QString tip = f.flow().tooltipAt(f.middleOf(0, cell));
        const QString name = QStringLiteral("x[%1, %2, %3] = ").arg(cell.n).arg(cell.c).arg(cell.l);
        QVERIFY2(tip.startsWith(name), qPrintable(tip));
        QVERIFY(tip.contains(QStringLiteral("12 values of channel %1").arg(cell.c)));
    }
    const QPoint head = f.flow().geometryOfFlow().headRect(0, 1).center();
    QVERIFY(f.flow().tooltipAt(head).contains(QStringLiteral("fold it into one row")));
    QTest::mouseClick(&f.flow(), Qt::LeftButton, {}, head);
    QVERIFY(f.settle());
    QVERIFY(!f.content().matrix.hasUnfolded());
    QCOMPARE(f.flow().window().rows, 3);
    QVERIFY(
        f.flow().tooltipAt(f.flow().geometryOfFlow().headRect(0, 2).center()).contains(QStringLiteral("fold them")));
}

void FlowInputTest::editsAPartOfAStrip() {
    FlowFixture f;
    QVERIFY(f.ok);
    QVERIFY(f.openRun(pasted({3, 2, 4}, counting(24)), 2));
    const Cell cell{2, 1, 3};
    QTest::mouseDClick(&f.flow(), Qt::LeftButton, {}, f.middleOf(0, cell));
    auto* editor = f.flow().findChild<QLineEdit*>(QStringLiteral("flowCellEditor"));
    QVERIFY(editor);
    QVERIFY(editor->geometry().intersects(f.flow().geometryOfFlow().valueRect(0, cell)));
    editor->setText(QStringLiteral("7.5"));
    QTest::keyClick(editor, Qt::Key_Return);
    QVERIFY(f.settle());
    QCOMPARE(std::get<EditCell>(f.session.recipe().events.at(0).action), (EditCell{2, 1, 3, 7.5}));
    QCOMPARE(f.valueOfX(cell), 7.5);
}

void FlowInputTest::largeTensorsZoomAndPan() {
    FlowFixture f;
    QVERIFY(f.ok);
    QVERIFY(f.openRun(recipeOfBatches(2000, 300), 1));
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

void FlowInputTest::keysZoom() {
    FlowFixture f;
    QVERIFY(f.ok);
    QVERIFY(f.openRun(recipeOfBatches(500, 100), 1));
    f.session.selectCell({400, 80, 0});
    f.focus();
    for (int i = 0; i < 5; ++i) {
        QTest::keyClick(&f.flow(), Qt::Key_Plus);
        QVERIFY(f.settle());
    }
    const CellWindow closer = f.flow().window();
    QVERIFY(closer.rows < 100 && closer.columns < 30);
    QVERIFY(closer.hasRow(400) && closer.hasColumn(80));
    QTest::keyClick(&f.flow(), Qt::Key_Minus);
    QVERIFY(f.settle());
    QVERIFY(f.flow().window().rows > closer.rows);
    QTest::keyClick(&f.flow(), Qt::Key_0);
    QVERIFY(f.settle());
    QCOMPARE(f.flow().window(), CellWindow::all(f.content().matrix));
}

int main(int argc, char** argv) {
    return runWindowTest<FlowInputTest>(argc, argv);
}
#include "flow_input_test.moc"
