// SPDX-License-Identifier: GPL-3.0-or-later
// Events and names on the timeline: chosen, moved, edited and deleted by mouse and keys.
#include "tests/ui/timeline_fixture.h"
#include "ui/card_dock.h"
#include "ui/plots/running_stat_view.h"

#include <QInputDialog>
#include <QLineEdit>
#include <QMenu>
#include <QTableView>

using namespace bnstudio;
using namespace bnstudio::test;

using Kind = TimelineMark::Kind;

class TimelineMarksTest : public QObject {
    Q_OBJECT

private slots:
    void clickingAMarkGoesThere();
    void draggingAnEventIsOneEdit();
    void draggingAnEventLeavesAGhost();
    void escapeCallsADragOff();
    void movingDoesNotSwallowOthers();
    void doubleClickEditsTheValue();
    void editorRefusesNonsense();
    void menuListsWhatAMarkHolds();
    void deleteKeyTakesAMarkAway();
    void keysChooseMoveAndEdit();
    void namesAStepByItsKey();
    void goesBetweenNamedSteps();
    void marksKeepTheRun();
    void eventsPanelMovesAndEdits();
};

void TimelineMarksTest::clickingAMarkGoesThere() {
    TimelineFixture f;
    QVERIFY(f.ok);
    QTest::mouseClick(f.timeline, Qt::LeftButton, {}, f.at(Kind::Name, 20));
    QCOMPARE(f.session.playhead(), 20);
    QVERIFY(f.timeline->selectedMark());
    QCOMPARE(f.timeline->selectedMark()->step, 20);
    QVERIFY(f.timeline->accessibleDescription().contains(QStringLiteral("warm-up ends")));
    // A click beside all marks lets go of it.
    QTest::mouseClick(f.timeline, Qt::LeftButton, {}, QPoint(static_cast<int>(f.timeline->xOf(5.5)), 20));
    QVERIFY(!f.timeline->selectedMark());
    QCOMPARE(f.session.playhead(), 5);
}

void TimelineMarksTest::draggingAnEventIsOneEdit() {
    TimelineFixture f;
    QVERIFY(f.ok);
    const Recipe before = f.session.recipe();
    f.drag(f.at(Kind::Events, 10), f.edge(14));
    QCOMPARE(f.session.recipe().events.front().step, 14);
    QCOMPARE(f.session.undoStack().count(), 1);
    QCOMPARE(f.session.undoStack().undoText(), QStringLiteral("Move “momentum 0.3 → 0.1” to step 14"));
    QVERIFY(f.timeline->selectedMark());
    QCOMPARE(f.timeline->selectedMark()->step, 14);
    // Both events of step 30 go together and stay in order.
    f.drag(f.at(Kind::Events, 30), f.edge(40));
    QCOMPARE(f.session.recipe().events[1].step, 40);
    QVERIFY(std::holds_alternative<ResetRunningStats>(f.session.recipe().events[1].action));
    QCOMPARE(f.session.recipe().events[2].step, 40);
    f.drag(f.at(Kind::Name, 20), f.at(Kind::Name, 20) + QPoint(f.edge(22) - f.edge(20)));
    QVERIFY(markAt(f.session.recipe(), 22));
    QCOMPARE(f.session.undoStack().count(), 3);
    for (int i = 0; i < 3; ++i)
        f.session.undoStack().undo();
    QVERIFY(f.session.recipe() == before);
}

void TimelineMarksTest::draggingAnEventLeavesAGhost() {
    TimelineFixture f;
    QVERIFY(f.ok);
    const std::int64_t channel = f.session.currentChannel();
    const double before = f.session.series().at(Quantity::RunningMean, 20, channel);
    f.drag(f.at(Kind::Events, 10), f.edge(25));
    QVERIFY(f.awaitHead(50));
    QTRY_COMPARE(f.session.ghost().length(), 50);
    QCOMPARE(f.session.ghost().at(Quantity::RunningMean, 20, channel), before);
    QVERIFY(f.session.series().at(Quantity::RunningMean, 20, channel) != before);
    QCOMPARE(f.session.series().at(Quantity::RunningMean, 9, channel),
             f.session.ghost().at(Quantity::RunningMean, 9, channel));
    RunningStatView view(f.session, Quantity::RunningMean);
    view.refresh();
    const auto ghost = view.plottedLine(PlotRole::Ghost, channel);
    QCOMPARE(ghost.size(), 50U);
    QCOMPARE(ghost[20].y(), before);
    // Moved on at once, before the run is there again: the ghost is still that of the last whole run.
    const double second = f.session.series().at(Quantity::RunningMean, 20, channel);
    f.timeline->setFocus();
    for (int i = 0; i < 4; ++i)
        QTest::keyClick(f.timeline, Qt::Key_Right, Qt::AltModifier);
    QVERIFY(f.awaitHead(50));
    QCOMPARE(f.session.ghost().length(), 50);
    QCOMPARE(f.session.ghost().at(Quantity::RunningMean, 20, channel), second);
}

void TimelineMarksTest::escapeCallsADragOff() {
    TimelineFixture f;
    QVERIFY(f.ok);
    const Recipe before = f.session.recipe();
    QTest::mousePress(f.timeline, Qt::LeftButton, {}, f.at(Kind::Events, 10));
    QTest::mouseMove(f.timeline, f.edge(25));
    QTest::keyClick(f.timeline, Qt::Key_Escape);
    QTest::mouseRelease(f.timeline, Qt::LeftButton, {}, f.edge(25));
    QVERIFY(f.session.recipe() == before);
    QCOMPARE(f.session.undoStack().count(), 0);
}

void TimelineMarksTest::movingDoesNotSwallowOthers() {
    Recipe recipe = defaultRecipe();
    insertEvent(recipe, {10, -1, SetMomentum{0.3}});
    insertEvent(recipe, {12, -1, SetMomentum{0.5}});
    setMark(recipe, 3, "a");
    setMark(recipe, 4, "b");
    Session session(recipe);
    TimelineItem item{TimelineItem::Kind::Event, 0};
    item = moveItem(session, item, 11);
    item = moveItem(session, item, 12);
    QCOMPARE(item.index, 1U);
    const std::vector<Event> jumped{{12, -1, SetMomentum{0.5}}, {13, -1, SetMomentum{0.3}}};
    QVERIFY(session.recipe().events == jumped);
    const TimelineItem mark = moveItem(session, {TimelineItem::Kind::Mark, 0}, 4);
    QCOMPARE(stepOf(session.recipe(), mark), 5);
    QCOMPARE(session.recipe().marks.size(), 2U);
    // To the left of the start there is nothing.
    (void)moveItem(session, item, -3);
    QCOMPARE(session.recipe().events.front().step, 0);
}

void TimelineMarksTest::doubleClickEditsTheValue() {
    TimelineFixture f;
    QVERIFY(f.ok);
    QTest::mouseDClick(f.timeline, Qt::LeftButton, {}, f.at(Kind::Events, 10));
    auto* dialog = f.dialog<QDialog>("eventDialog");
    QVERIFY(dialog);
    auto* momentum = dialog->findChild<QLineEdit*>(QStringLiteral("actionMomentum"));
    QCOMPARE(momentum->text(), QStringLiteral("0.1"));
    momentum->setText(QStringLiteral("None"));
    QTest::keyClick(momentum, Qt::Key_Return);
    QCOMPARE(f.session.undoStack().count(), 1);
    QVERIFY(std::get<SetMomentum>(f.session.recipe().events.front().action).momentum == std::nullopt);
    QTRY_VERIFY(f.labels().contains(QStringLiteral("momentum 0.3 → None")));
}

void TimelineMarksTest::editorRefusesNonsense() {
    TimelineFixture f;
    QVERIFY(f.ok);
    const Recipe before = f.session.recipe();
    QTest::mouseDClick(f.timeline, Qt::LeftButton, {}, f.at(Kind::Events, 10));
    auto* dialog = f.dialog<QDialog>("eventDialog");
    QVERIFY(dialog);
    for (const auto& [field, text] : {std::pair("actionMomentum", "fast"), std::pair("eventStep", "-4")}) {
        auto* edit = dialog->findChild<QLineEdit*>(QLatin1String(field));
        const QString old = edit->text();
        edit->setText(QString::fromUtf8(text));
        QTest::keyClick(edit, Qt::Key_Return);
        QVERIFY(dialog->isVisible());
        edit->setText(old);
    }
    QTest::keyClick(dialog, Qt::Key_Escape);
    QVERIFY(f.session.recipe() == before);
}

void TimelineMarksTest::menuListsWhatAMarkHolds() {
    TimelineFixture f;
    QVERIFY(f.ok);
    const QPoint at = f.at(Kind::Events, 30);
    QContextMenuEvent event(QContextMenuEvent::Mouse, at, f.timeline->mapToGlobal(at));
    QApplication::sendEvent(f.timeline, &event);
    auto* menu = f.dialog<QMenu>("timelineMenu");
    QVERIFY(menu);
    QStringList words;
    for (const QAction* action : menu->actions())
        words << action->text();
    QVERIFY(words.contains(QStringLiteral("Edit “eps 1e-05 → 0.001”…")));
    const auto index = words.indexOf(QStringLiteral("Delete “eps 1e-05 → 0.001”"));
    QVERIFY(index >= 0);
    menu->actions()[index]->trigger();
    menu->close();
    QCOMPARE(f.session.recipe().events.size(), 2U);
    QVERIFY(std::holds_alternative<ResetRunningStats>(f.session.recipe().events.back().action));
}

void TimelineMarksTest::deleteKeyTakesAMarkAway() {
    TimelineFixture f;
    QVERIFY(f.ok);
    QTest::mouseClick(f.timeline, Qt::LeftButton, {}, f.at(Kind::Events, 10));
    QVERIFY(f.timeline->hasFocus());
    QTest::keyClick(f.timeline, Qt::Key_Delete);
    QCOMPARE(f.session.recipe().events.size(), 2U);
    QVERIFY(!f.timeline->selectedMark());
    QTest::keyClick(&f.window, Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(f.session.recipe().events.size(), 3U);
    // The two events of step 30 are one mark and one edit.
    QTest::mouseClick(f.timeline, Qt::LeftButton, {}, f.at(Kind::Events, 30));
    QTest::keyClick(f.timeline, Qt::Key_Delete);
    QCOMPARE(f.session.recipe().events.size(), 1U);
    QCOMPARE(f.session.undoStack().undoText(), QStringLiteral("Delete 2 events"));
}

void TimelineMarksTest::keysChooseMoveAndEdit() {
    TimelineFixture f;
    QVERIFY(f.ok);
    f.session.goTo(15);
    f.timeline->setFocus();
    QTest::keyClick(f.timeline, Qt::Key_Down);
    QCOMPARE(f.timeline->selectedMark()->step, 20);
    QTest::keyClick(f.timeline, Qt::Key_Up);
    QCOMPARE(f.timeline->selectedMark()->step, 10);
    QTest::keyClick(f.timeline, Qt::Key_Up);
    QCOMPARE(f.timeline->selectedMark()->step, 10);  // the start is no mark to choose
    QTest::keyClick(f.timeline, Qt::Key_Left, Qt::AltModifier);
    QTest::keyClick(f.timeline, Qt::Key_Left, Qt::AltModifier);
    QCOMPARE(f.session.recipe().events.front().step, 8);
    QCOMPARE(f.session.undoStack().count(), 1);
    QTest::keyClick(f.timeline, Qt::Key_Return);
    auto* dialog = f.dialog<QDialog>("eventDialog");
    QVERIFY(dialog);
    dialog->findChild<QLineEdit*>(QStringLiteral("actionMomentum"))->setText(QStringLiteral("0.7"));
    dialog->findChild<QLineEdit*>(QStringLiteral("eventStep"))->setText(QStringLiteral("9"));
    QTest::keyClick(dialog->findChild<QLineEdit*>(QStringLiteral("eventStep")), Qt::Key_Return);
    QVERIFY((f.session.recipe().events.front() == Event{9, -1, SetMomentum{0.7}}));
    QTest::keyClick(f.timeline, Qt::Key_Escape);
    QVERIFY(!f.timeline->selectedMark());
}

void TimelineMarksTest::namesAStepByItsKey() {
    TimelineFixture f(defaultRecipe(), 20);
    QVERIFY(f.ok);
    f.session.goTo(7);
    QVERIFY(f.await([&] { return f.session.isCurrent(); }));
    QTest::keyClick(&f.window, Qt::Key_N);
    auto* dialog = f.dialog<QInputDialog>("nameStepDialog");
    QVERIFY(dialog);
    dialog->setTextValue(QStringLiteral(" seven  dwarfs "));
    dialog->accept();
    const std::vector<StepMark> expected{{7, "seven dwarfs"}};
    QVERIFY(f.session.recipe().marks == expected);
    QVERIFY(f.labels().contains(QStringLiteral("seven dwarfs")));
    QVERIFY(f.window.isWindowModified());
    QVERIFY(recipeFromJson(toJson(f.session.recipe())).marks == expected);
    // Again: the dialog has the name, and an empty one takes the mark away.
    QTRY_VERIFY(!f.window.findChild<QInputDialog*>(QStringLiteral("nameStepDialog")));
    f.window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&f.window));
    QTest::keyClick(&f.window, Qt::Key_N);
    dialog = f.dialog<QInputDialog>("nameStepDialog");
    QVERIFY(dialog);
    QCOMPARE(dialog->textValue(), QStringLiteral("seven dwarfs"));
    dialog->setTextValue(QString());
    dialog->accept();
    QVERIFY(f.session.recipe().marks.empty());
    f.session.undoStack().undo();
    QVERIFY(f.session.recipe().marks == expected);
}

void TimelineMarksTest::goesBetweenNamedSteps() {
    Recipe recipe = defaultRecipe();
    for (const int step : {-1, 5, 12})
        setMark(recipe, step, "s" + std::to_string(step));
    TimelineFixture f(recipe, 20);
    QVERIFY(f.ok);
    const auto key = [&](Qt::Key arrow) { QTest::keyClick(&f.window, arrow, Qt::ControlModifier | Qt::ShiftModifier); };
    for (const std::int64_t step : {12, 5, -1, -1}) {
        key(Qt::Key_Left);
        QCOMPARE(f.session.playhead(), step);
    }
    key(Qt::Key_Right);
    QCOMPARE(f.session.playhead(), 5);
}

void TimelineMarksTest::marksKeepTheRun() {
    TimelineFixture f;
    QVERIFY(f.ok);
    const std::uint64_t generation = f.session.series().generation();
    nameStep(f.session, 33, QStringLiteral("here"));
    QVERIFY(f.awaitHead(50));
    QCOMPARE(f.session.series().generation(), generation);
    QCOMPARE(f.session.ghost().length(), 0);
}

void TimelineMarksTest::eventsPanelMovesAndEdits() {
    TimelineFixture f;
    QVERIFY(f.ok);
    f.window.docks()["events"]->show();
    f.window.docks()["events"]->raise();
    auto* table = f.find<QTableView>("eventsTable");
    QTRY_VERIFY(table->isVisible());
    const auto choose = [&](int row) {
        table->selectionModel()->setCurrentIndex(table->model()->index(row, 0),
                                                 QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    };
    QCOMPARE(table->model()->rowCount(), 4);
    QCOMPARE(table->model()->index(1, 2).data().toString(), QStringLiteral("named “warm-up ends”"));
    choose(0);
    f.click("laterEventButton");
    f.click("laterEventButton");
    QCOMPARE(f.session.recipe().events.front().step, 12);
    QCOMPARE(f.session.undoStack().count(), 1);
    QCOMPARE(table->currentIndex().row(), 0);
    emit table->activated(table->currentIndex());
    auto* dialog = f.dialog<QDialog>("eventDialog");
    QVERIFY(dialog);
    auto* momentum = dialog->findChild<QLineEdit*>(QStringLiteral("actionMomentum"));
    momentum->setText(QStringLiteral("0.25"));
    QTest::keyClick(momentum, Qt::Key_Return);
    QCOMPARE(std::get<SetMomentum>(f.session.recipe().events.front().action).momentum, std::optional(0.25));
    choose(1);
    f.click("editEventButton");
    auto* naming = f.dialog<QInputDialog>("nameStepDialog");
    QVERIFY(naming);
    naming->setTextValue(QStringLiteral("cold"));
    naming->accept();
    QCOMPARE(f.session.recipe().marks.front().name, std::string("cold"));
    choose(1);
    f.click("deleteEventButton");
    QVERIFY(f.session.recipe().marks.empty());
}

int main(int argc, char** argv) {
    return runWindowTest<TimelineMarksTest>(argc, argv);
}
#include "timeline_marks_test.moc"
