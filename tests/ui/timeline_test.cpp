// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/card_dock.h"
#include "ui/models/event_text.h"
#include "ui/panels/timeline.h"
#include "ui/plots/running_stat_view.h"
#include "window_fixture.h"

#include <QInputDialog>
#include <QLineEdit>
#include <QMenu>
#include <QTableView>

using namespace bnstudio;

namespace {

constexpr auto nothing = MarkLayout::nothing;

Recipe recipeWithEvents() {
    Recipe recipe = defaultRecipe();
    recipe.lanes.front().layer.momentum = 0.3;
    insertEvent(recipe, {10, -1, SetMomentum{0.1}});
    insertEvent(recipe, {30, -1, ResetRunningStats{}});
    insertEvent(recipe, {30, -1, SetEps{1e-3}});
    setMark(recipe, 20, "warm-up ends");
    return recipe;
}

/// The window on a run of 50 steps with events at 10 and 30 and a name at 20.
struct Fixture : WindowFixture {
    explicit Fixture(Recipe recipe = recipeWithEvents(), std::int64_t steps = 50) : WindowFixture(4) {
        ok = ok && await([&] { return session.isCurrent(); });
        session.open(std::move(recipe), steps);
        ok = ok && await([&] { return !session.isOpening(); }) && awaitHead(steps);
        timeline = find<Timeline>("timeline");
    }
    ~Fixture() { window.hide(); }
    bool awaitHead(std::int64_t steps) {
        return await([&] { return session.isCurrent() && session.head() == steps; });
    }
    const TimelineMark& mark(TimelineMark::Kind kind, std::int64_t step) const {
        for (const TimelineMark& mark : timeline->marks())
            if (mark.kind == kind && mark.step == step)
                return mark;
        qFatal("no such mark");
    }
    QPoint at(TimelineMark::Kind kind, std::int64_t step) const {
        return timeline->markPosition(mark(kind, step)).toPoint();
    }
    /// Left edge of a step, on the row of marks.
    QPoint edge(double step) const {
        return {static_cast<int>(std::lround(timeline->xOf(step))), at(TimelineMark::Kind::Start, -1).y()};
    }
    void drag(QPoint from, QPoint to) {
        QTest::mousePress(timeline, Qt::LeftButton, {}, from);
        QTest::mouseMove(timeline, (from + to) / 2);
        QTest::mouseMove(timeline, to);
        QTest::mouseRelease(timeline, Qt::LeftButton, {}, to);
    }
    template <class Dialog>
    Dialog* dialog(const char* name) {
        Dialog* found = nullptr;
        (void)await([&] { return (found = window.findChild<Dialog*>(QLatin1String(name))) && found->isVisible(); });
        return found;
    }
    QStringList labels() const {
        QStringList texts;
        for (const MarkGroup& group : timeline->groups())
            texts << group.text;
        return texts;
    }
    void wheel(QPoint at, int turns) {
        const QPoint delta(0, 120 * turns);
        QWheelEvent event(at, timeline->mapToGlobal(at), {}, delta, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                          false);
        QApplication::sendEvent(timeline, &event);
    }

    Timeline* timeline = nullptr;
};

using Kind = TimelineMark::Kind;

}  // namespace

class TimelineTest : public QObject {
    Q_OBJECT
private slots:
    void scaleKeepsTheStepUnderTheCursor();
    void scaleRevealsAndClamps();
    void barsKeepTheGreatest();
    void barsFollowARecomputedRun();
    void labelsNeverOverlap_data();
    void labelsNeverOverlap();
    void namesComeBeforeEvents();
    void eventsShowOldAndNew();
    void showsWhatIsPlannedAhead();
    void tooltipNamesWhatIsThere();
    void clickingAMarkGoesThere();
    void draggingAnEventIsOneEdit();
    void draggingAnEventLeavesAGhost();
    void escapeCallsADragOff();
    void movingDoesNotSwallowOthers();
    void doubleClickEditsTheValue();
    void editorRefusesNonsense();
    void deleteKeyTakesAMarkAway();
    void keysChooseMoveAndEdit();
    void namesAStepByItsKey();
    void goesBetweenNamedSteps();
    void marksKeepTheRun();
    void eventsPanelMovesAndEdits();
    void menuListsWhatAMarkHolds();
    void zoomsByWheelKeysAndButtons();
    void zoomFollowsThePlayhead();
    void overviewMovesThePart();
    void refusedAndNanBatches();
    void refusedBatchesHaveAShape();
    void paintsTenThousandStepsQuickly();
    void startWithoutSteps();
};

// --- parts ---------------------------------------------------------------------------------------------------------

void TimelineTest::scaleKeepsTheStepUnderTheCursor() {
    TimelineScale scale;
    scale.setPixels(100, 1000);
    scale.setExtent(1000);
    QVERIFY(!scale.isZoomed());
    QCOMPARE(scale.xOf(0), 100.0);
    QCOMPARE(scale.xOf(1000), 1100.0);
    scale.zoom(0.25, 600);
    QVERIFY(scale.isZoomed());
    QCOMPARE(scale.span(), 250.0);
    QCOMPARE(scale.xOf(600), 700.0);
    QCOMPARE(scale.stepAt(scale.xOf(512)), 512.0);
    scale.zoom(100, 600);
    QVERIFY(!scale.isZoomed());
    scale.zoom(1e-9, 1000);
    QCOMPARE(scale.span(), TimelineScale::fewestSteps);
    QCOMPARE(scale.last(), 1000.0);
}

void TimelineTest::scaleRevealsAndClamps() {
    TimelineScale scale;
    scale.setPixels(0, 100);
    scale.setExtent(1000);
    scale.zoom(0.1, 0);
    QCOMPARE(scale.first(), 0.0);
    scale.reveal(50);
    QCOMPARE(scale.first(), 0.0);
    scale.reveal(150);
    QVERIFY(scale.first() < 150 && scale.last() > 200);
    const double stayed = scale.first();
    scale.setExtent(5000);
    QCOMPARE(scale.first(), stayed);
    QCOMPARE(scale.span(), 100.0);
    scale.setExtent(60);
    QVERIFY(scale.last() <= 60);
    scale.pan(1e6);
    QCOMPARE(scale.last(), 60.0);
}

void TimelineTest::barsKeepTheGreatest() {
    Fixture f;
    QVERIFY(f.ok);
    const SeriesView& series = f.session.series();
    float greatest = 0;
    for (std::int64_t step = 3; step < 41; ++step) {
        const auto surprise = static_cast<float>(series.at(ScalarQuantity::Surprise, step));
        greatest = std::max(greatest, surprise);
        QCOMPARE(f.timeline->bar(step, step + 1).surprise, surprise);
    }
    QCOMPARE(f.timeline->bar(3, 41).surprise, greatest);
    QVERIFY(greatest > 0);
}

void TimelineTest::barsFollowARecomputedRun() {
    Fixture f;
    QVERIFY(f.ok);
    const float before = f.timeline->bar(9, 10).surprise;
    f.session.setEditScope(Session::EditScope::FromStart);
    f.session.apply(SetMomentum{0.9});
    QVERIFY(f.awaitHead(50));
    QTRY_VERIFY(f.timeline->bar(9, 10).surprise != before);
    QCOMPARE(f.timeline->bar(5, 6).surprise, static_cast<float>(f.session.series().at(ScalarQuantity::Surprise, 5)));
}

void TimelineTest::labelsNeverOverlap_data() {
    QTest::addColumn<int>("events");
    QTest::addColumn<int>("spacing");
    QTest::addColumn<int>("width");
    QTest::newRow("few") << 3 << 20 << 1000;
    QTest::newRow("many") << 40 << 2 << 1000;
    QTest::newRow("crowded") << 500 << 1 << 1000;
    QTest::newRow("narrow") << 12 << 7 << 200;
    QTest::newRow("at the right end") << 2 << 95 << 400;
}

void TimelineTest::labelsNeverOverlap() {
    QFETCH(int, events);
    QFETCH(int, spacing);
    QFETCH(int, width);
    Recipe recipe = defaultRecipe();
    for (int i = 1; i <= events; ++i) {
        insertEvent(recipe, {i * spacing, -1, SetMomentum{0.001 * i}});
        if (i % 3 == 0)
            setMark(recipe, i * spacing + 1, "name number " + std::to_string(i));
    }
    const auto marks = timelineMarks(recipe);
    const QFontMetricsF metrics(Theme::instance().textFont(-2));
    const double steps = std::max(200, events * spacing);
    MarkLayout layout;
    const QRectF row(70, 43, width, 16);
    layout.arrange(
        marks, recipe, [&](double step) { return 70 + step / steps * width; }, row, metrics, nothing);
    QVERIFY(!layout.groups().empty());
    std::size_t next = 0;
    for (const MarkGroup& group : layout.groups()) {
        QCOMPARE(group.first, next);  // no mark is lost
        next = group.last;
        for (const MarkGroup& other : layout.groups()) {
            if (&other == &group || group.label.isNull())
                continue;
            QVERIFY(!group.label.intersects(other.label));
            const QRectF symbols(other.left - MarkLayout::halfWidth, row.top(),
                                 other.right - other.left + 2 * MarkLayout::halfWidth, row.height());
            QVERIFY(!group.label.intersects(symbols));
        }
        QVERIFY(group.label.isNull() || row.contains(group.label));
        QVERIFY(metrics.horizontalAdvance(group.text) <= group.label.width() + 0.5);
    }
    QCOMPARE(next, marks.size());
}

void TimelineTest::namesComeBeforeEvents() {
    Recipe recipe = defaultRecipe();
    insertEvent(recipe, {50, -1, SkipBatch{}});
    setMark(recipe, 50, "odd batch");
    const auto marks = timelineMarks(recipe);
    const QFontMetricsF metrics(Theme::instance().textFont(-2));
    MarkLayout layout;
    layout.arrange(
        marks, recipe, [](double step) { return step; }, QRectF(0, 0, 600, 16), metrics, nothing);
    QCOMPARE(layout.groups().size(), 2U);
    QCOMPARE(layout.groups().back().text, QStringLiteral("odd batch · skip this batch"));
}

// --- what is shown -------------------------------------------------------------------------------------------------

void TimelineTest::eventsShowOldAndNew() {
    Fixture f;
    QVERIFY(f.ok);
    QCOMPARE(f.timeline->marks().size(), 4U);
    QVERIFY(f.labels().contains(QStringLiteral("momentum 0.3 → 0.1")));
    QVERIFY(f.labels().contains(QStringLiteral("warm-up ends")));
    QVERIFY(f.labels().contains(QStringLiteral("reset_running_stats() +1")));
}

void TimelineTest::showsWhatIsPlannedAhead() {
    Fixture f(defaultRecipe(), 20);
    QVERIFY(f.ok);
    QCOMPARE(f.timeline->extent(), 50);
    nameStep(f.session, 120, QStringLiteral("later"));
    QCOMPARE(f.timeline->extent(), 200);
    nameStep(f.session, 100'000, QStringLiteral("much later"));
    QCOMPARE(f.timeline->extent(), 200);
}

void TimelineTest::tooltipNamesWhatIsThere() {
    Fixture f;
    QVERIFY(f.ok);
    const QString tip = f.timeline->tipAt(QPointF(f.at(Kind::Events, 30)));
    QVERIFY(tip.contains(QStringLiteral("before step 30: reset_running_stats()")));
    QVERIFY(tip.contains(QStringLiteral("before step 30: eps 1e-05 → 0.001")));
    QVERIFY(
        f.timeline->tipAt(QPointF(f.at(Kind::Name, 20))).contains(QStringLiteral("step 20 is named “warm-up ends”")));
    QVERIFY(f.timeline->tipAt(QPointF(f.timeline->xOf(5.5), 20)).contains(QStringLiteral("surprise")));
}

void TimelineTest::refusedAndNanBatches() {
    // One value a channel: training refuses it. And a NaN batch.
    Recipe recipe = defaultRecipe();
    insertEvent(recipe, {7, -1, ScaleBatch{std::numeric_limits<double>::quiet_NaN()}});
    Fixture f(recipe, 12);
    QVERIFY(f.ok);
    QTRY_VERIFY(f.timeline->bar(7, 8).notANumber);
    QVERIFY(!f.timeline->bar(6, 7).notANumber);
    QVERIFY(f.timeline->bar(0, 12).notANumber);
    std::get<GeneratorSpec>(recipe.data.sources[0]).n = 1;
    f.session.open(recipe, 6);
    QVERIFY(f.awaitRun() && f.awaitHead(6));
    QTRY_VERIFY(f.timeline->bar(0, 1).refused);
    QVERIFY(f.timeline->tipAt(QPointF(f.timeline->xOf(2.5), 20)).contains(QStringLiteral("refused")));
    QVERIFY(!f.timeline->grab().isNull());
}

void TimelineTest::refusedBatchesHaveAShape() {
    // Every second batch has one value a channel.
    Recipe recipe = defaultRecipe();
    recipe.data.sources.push_back(recipe.data.sources.front());
    std::get<GeneratorSpec>(recipe.data.sources.back()).n = 1;
    recipe.data.schedule.order = Schedule::Order::Alternating;
    Fixture f(recipe, 12);
    QVERIFY(f.ok);
    QTRY_VERIFY(f.timeline->bar(0, 12).refused);
    const std::vector<QPointF> crosses = f.timeline->refusals();
    QCOMPARE(crosses.size(), std::size_t{6});
    for (std::size_t i = 0; i < crosses.size(); ++i)
        QCOMPARE(crosses[i].x(), f.timeline->xOf(2 * static_cast<double>(i) + 1.5));
    // Where steps are narrower than crosses these keep apart, and there still are some.
    f.session.goTo(3000);
    QVERIFY(f.awaitHead(3001));
    QTRY_VERIFY(f.timeline->extent() >= 3000 && f.timeline->refusals().size() > 20);
    const std::vector<QPointF> many = f.timeline->refusals();
    for (std::size_t i = 1; i < many.size(); ++i)
        QVERIFY(many[i].x() - many[i - 1].x() >= 9);
}

// --- marks by mouse ------------------------------------------------------------------------------------------------

void TimelineTest::clickingAMarkGoesThere() {
    Fixture f;
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

void TimelineTest::draggingAnEventIsOneEdit() {
    Fixture f;
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

void TimelineTest::draggingAnEventLeavesAGhost() {
    Fixture f;
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

void TimelineTest::escapeCallsADragOff() {
    Fixture f;
    QVERIFY(f.ok);
    const Recipe before = f.session.recipe();
    QTest::mousePress(f.timeline, Qt::LeftButton, {}, f.at(Kind::Events, 10));
    QTest::mouseMove(f.timeline, f.edge(25));
    QTest::keyClick(f.timeline, Qt::Key_Escape);
    QTest::mouseRelease(f.timeline, Qt::LeftButton, {}, f.edge(25));
    QVERIFY(f.session.recipe() == before);
    QCOMPARE(f.session.undoStack().count(), 0);
}

void TimelineTest::movingDoesNotSwallowOthers() {
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

void TimelineTest::doubleClickEditsTheValue() {
    Fixture f;
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

void TimelineTest::editorRefusesNonsense() {
    Fixture f;
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

void TimelineTest::menuListsWhatAMarkHolds() {
    Fixture f;
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

// --- marks by keys -------------------------------------------------------------------------------------------------

void TimelineTest::deleteKeyTakesAMarkAway() {
    Fixture f;
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

void TimelineTest::keysChooseMoveAndEdit() {
    Fixture f;
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

void TimelineTest::namesAStepByItsKey() {
    Fixture f(defaultRecipe(), 20);
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

void TimelineTest::goesBetweenNamedSteps() {
    Recipe recipe = defaultRecipe();
    for (const int step : {-1, 5, 12})
        setMark(recipe, step, "s" + std::to_string(step));
    Fixture f(recipe, 20);
    QVERIFY(f.ok);
    const auto key = [&](Qt::Key arrow) { QTest::keyClick(&f.window, arrow, Qt::ControlModifier | Qt::ShiftModifier); };
    for (const std::int64_t step : {12, 5, -1, -1}) {
        key(Qt::Key_Left);
        QCOMPARE(f.session.playhead(), step);
    }
    key(Qt::Key_Right);
    QCOMPARE(f.session.playhead(), 5);
}

void TimelineTest::marksKeepTheRun() {
    Fixture f;
    QVERIFY(f.ok);
    const std::uint64_t generation = f.session.series().generation();
    nameStep(f.session, 33, QStringLiteral("here"));
    QVERIFY(f.awaitHead(50));
    QCOMPARE(f.session.series().generation(), generation);
    QCOMPARE(f.session.ghost().length(), 0);
}

void TimelineTest::eventsPanelMovesAndEdits() {
    Fixture f;
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

// --- zoom ----------------------------------------------------------------------------------------------------------

void TimelineTest::zoomsByWheelKeysAndButtons() {
    Fixture f;
    QVERIFY(f.ok);
    QVERIFY(!f.timeline->isZoomed());
    const QPoint at(static_cast<int>(f.timeline->xOf(20)), 20);
    const std::int64_t under = f.timeline->stepAt(at.x());
    f.wheel(at, 4);
    QVERIFY(f.timeline->isZoomed());
    QCOMPARE(f.timeline->stepAt(at.x()), under);
    f.wheel(at, -20);
    QVERIFY(!f.timeline->isZoomed());
    f.timeline->setFocus();
    QTest::keyClick(f.timeline, Qt::Key_Plus);
    QVERIFY(f.timeline->isZoomed());
    // The window's keys of the text size are others.
    QTest::keyClick(f.timeline, Qt::Key_0);
    QVERIFY(!f.timeline->isZoomed());
    f.click("timelineZoomIn");
    f.click("timelineZoomIn");
    const auto [first, last] = f.timeline->visibleSteps();
    f.click("timelineZoomOut");
    const auto [firstOut, lastOut] = f.timeline->visibleSteps();
    QVERIFY(lastOut - firstOut > last - first);
    f.click("timelineZoomWhole");
    QVERIFY(!f.timeline->isZoomed());
    for (int i = 0; i < 20; ++i)
        f.timeline->zoomIn();
    QVERIFY(!f.find<QAbstractButton>("timelineZoomIn")->isEnabled());
}

void TimelineTest::zoomFollowsThePlayhead() {
    Fixture f(defaultRecipe(), 400);
    QVERIFY(f.ok);
    f.session.goTo(10);
    QVERIFY(f.await([&] { return f.session.isCurrent(); }));
    for (int i = 0; i < 5; ++i)
        f.timeline->zoomIn();
    QVERIFY(f.timeline->visibleSteps().second < 100);
    f.session.goTo(300);
    QVERIFY(f.await([&] { return f.session.isCurrent(); }));
    const auto [first, last] = f.timeline->visibleSteps();
    QVERIFY(first <= 300 && last >= 301);
    // A click goes to the step that is drawn there.
    QTest::mouseClick(f.timeline, Qt::LeftButton, {}, QPoint(static_cast<int>(f.timeline->xOf(305.5)), 36));
    QCOMPARE(f.session.playhead(), 305);
}

void TimelineTest::overviewMovesThePart() {
    Fixture f(defaultRecipe(), 400);
    QVERIFY(f.ok);
    for (int i = 0; i < 5; ++i)
        f.timeline->zoomIn();
    const double left = f.timeline->xOf(f.timeline->visibleSteps().first),
                 right = f.timeline->xOf(f.timeline->visibleSteps().second);
    const std::int64_t playhead = f.session.playhead();
    QTest::mouseClick(f.timeline, Qt::LeftButton, {}, QPoint(static_cast<int>((left + right) / 2), 5));
    const auto [first, last] = f.timeline->visibleSteps();
    const double middle = (first + last) / 2, half = static_cast<double>(f.timeline->extent()) / 2;
    QVERIFY(std::abs(middle - half) < 1);  // a pixel of the overview is less than a step
    QCOMPARE(f.session.playhead(), playhead);
}

// --- limits --------------------------------------------------------------------------------------------------------

void TimelineTest::paintsTenThousandStepsQuickly() {
    Recipe recipe = defaultRecipe();
    std::get<GeneratorSpec>(recipe.data.sources[0]).n = 2;
    for (int i = 1; i < 200; ++i)
        insertEvent(recipe, {i * 50, -1, SetMomentum{i % 2 ? 0.2 : 0.1}});
    Fixture f(recipe, 10'000);
    QVERIFY(f.ok);
    QTRY_COMPARE(f.timeline->bar(9'999, 10'000).surprise,
                 static_cast<float>(f.session.series().at(ScalarQuantity::Surprise, 9'999)));
    QImage image(f.timeline->size(), QImage::Format_ARGB32_Premultiplied);
    QElapsedTimer clock;
    qint64 best = std::numeric_limits<qint64>::max();
    for (int i = 0; i < 10; ++i) {
        clock.start();
        f.timeline->render(&image);
        best = std::min(best, clock.nsecsElapsed());
    }
    qInfo() << "one painting of 10 000 steps:" << static_cast<double>(best) / 1e6 << "ms";
    // It takes about 2 ms; ten times as much would be felt while playing.
    QVERIFY(best < 20'000'000);
}

void TimelineTest::startWithoutSteps() {
    Fixture f(recipeWithEvents(), 0);
    QVERIFY(f.ok);
    QCOMPARE(f.session.head(), 0);
    QCOMPARE(f.timeline->stepAt(0), -1);
    QCOMPARE(f.timeline->stepAt(500), 0);
    QVERIFY(f.timeline->tipAt(QPointF(0, 20)).startsWith(QStringLiteral("start")));
    f.timeline->zoomIn();
    QVERIFY(!f.timeline->grab().isNull());
}

int main(int argc, char** argv) {
    return runWindowTest<TimelineTest>(argc, argv);
}
#include "timeline_test.moc"
