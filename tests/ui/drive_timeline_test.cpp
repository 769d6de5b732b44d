// SPDX-License-Identifier: GPL-3.0-or-later
// The timeline of a run, used by keys alone and by the mouse alone.
#include "ui/panels/timeline.h"
#include "ui/plots/running_stat_view.h"
#include "ui/session/run_findings.h"
#include "window_driver.h"

#include <QLineEdit>

#include <algorithm>

using namespace bnstudio;

namespace {

using Kind = TimelineMark::Kind;

Recipe recipeWithEvents() {
    Recipe recipe = defaultRecipe();
    recipe.lanes.front().layer.momentum = 0.3;
    insertEvent(recipe, {10, -1, SetMomentum{0.1}});
    insertEvent(recipe, {30, -1, ResetRunningStats{}});
    setMark(recipe, 20, "warm-up ends");
    return recipe;
}

struct TimelineDriver : WindowDriver {
    explicit TimelineDriver(Recipe recipe = recipeWithEvents(), std::int64_t steps = 50) : WindowDriver(4) {
        ok = ok && openRun(std::move(recipe), steps) && awaitStep(steps - 1);
    }
    Timeline& timeline() { return panel<Timeline>(); }
    bool enterTimeline() { return enter(*timeline().parentWidget()) && (timeline().hasFocus() || tabTo(timeline())); }
    QPoint markAt(Kind kind, std::int64_t step) {
        for (const TimelineMark& mark : timeline().marks())
            if (mark.kind == kind && mark.step == step)
                return timeline().markPosition(mark).toPoint();
        qFatal("no such mark");
    }
    QPoint onBars(double step) {
        return {static_cast<int>(std::lround(timeline().xOf(step))), timeline().height() / 3};
    }
    QPoint onMarks(double step) {
        return {static_cast<int>(std::lround(timeline().xOf(step))), markAt(Kind::Start, -1).y()};
    }
    QStringList words() {
        QStringList texts;
        for (const MarkGroup& group : timeline().groups())
            texts << group.text;
        return texts;
    }
    bool awaitHead(std::int64_t steps) {
        return await([&] { return session.isCurrent() && session.head() == steps; });
    }
    /// The dialog that an edit opened has the keys.
    bool awaitDialogInFront() {
        return await([] {
            const QWidget* dialog = QApplication::activeModalWidget();
            return dialog && QGuiApplication::focusWindow() == dialog->windowHandle();
        });
    }
};

}  // namespace

class DriveTimelineTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void showsWhatHappened();
    void travelsByKeys();
    void travelsByMouse();
    void editsMarksByKeys();
    void editsMarksByMouse();
    void namesAStepByKeys();
    void namesAStepByMouse();
    void zoomsByKeys();
    void zoomsByMouse();
    void anEditLeavesAGhost();
};

void DriveTimelineTest::showsWhatHappened() {
    Recipe recipe = recipeWithEvents();
    PastedSpec one{{1, 8}, std::vector<double>(8, 1.0)};
    TimelineDriver f;
    QVERIFY(f.ok);
    const QStringList words = f.words();
    QVERIFY2(words.contains(QStringLiteral("momentum 0.3 → 0.1")), qPrintable(words.join(u'|')));
    QVERIFY2(words.contains(QStringLiteral("warm-up ends")), qPrintable(words.join(u'|')));
    const double surprise = f.session.series().at(ScalarQuantity::Surprise, 0);
    QCOMPARE(f.timeline().bar(0, 1).surprise, static_cast<float>(surprise));
    QVERIFY(f.await([&] { return f.session.findings() && f.session.findings()->steps == 50; }));
    const Finding& finding = f.session.findings()->list.front();
    const QString tip = f.timeline().tipAt(QPointF(f.timeline().xOf(static_cast<double>(finding.step) + 0.5), 5));
    QVERIFY2(tip.contains(QStringLiteral("since step %1").arg(finding.step)), qPrintable(tip));
    // A batch of one is refused; the run goes on behind it.
    recipe.data.sources = {one};
    QVERIFY(f.openRun(recipe, 3));
    QVERIFY(f.timeline().bar(0, 1).refused);
    QVERIFY(f.timeline().tipAt(f.onBars(1.5)).contains(QStringLiteral("refused")));
}

void DriveTimelineTest::travelsByKeys() {
    TimelineDriver f;
    QVERIFY(f.ok);
    const auto goes = [&f](int key, Qt::KeyboardModifiers modifiers, std::int64_t step) {
        f.key(key, modifiers);
        return f.awaitStep(step);
    };
    QVERIFY(goes(Qt::Key_Left, Qt::ControlModifier, 30));
    QVERIFY(goes(Qt::Key_Left, Qt::ControlModifier, 10));
    QVERIFY(goes(Qt::Key_Right, Qt::ControlModifier, 30));
    QVERIFY(goes(Qt::Key_Left, Qt::ControlModifier | Qt::ShiftModifier, 20));
    QVERIFY(goes(Qt::Key_Left, {}, 19));
    QVERIFY(goes(Qt::Key_Right, Qt::ShiftModifier, 29));
    QVERIFY(goes(Qt::Key_Home, {}, -1));
    QVERIFY(goes(Qt::Key_End, {}, 49));
    f.key(Qt::Key_J, Qt::ControlModifier);
    f.type(QStringLiteral("7"));
    QVERIFY(goes(Qt::Key_Return, {}, 7));
    QVERIFY(f.enterTimeline());
    QVERIFY(goes(Qt::Key_Right, {}, 8));  // with the keys on the timeline as well
}

void DriveTimelineTest::travelsByMouse() {
    TimelineDriver f;
    QVERIFY(f.ok);
    QVERIFY(f.click(f.timeline(), f.onBars(12.5)));
    QVERIFY(f.awaitStep(12));
    f.drag(f.timeline(), f.onBars(12.5), f.onBars(33.5));
    QVERIFY(f.awaitStep(33));
    QVERIFY(f.click(f.timeline(), f.markAt(Kind::Events, 10)));
    QVERIFY(f.awaitStep(10));
    QVERIFY(f.clickOn("forwardButton"));
    QVERIFY(f.awaitStep(11));
    QVERIFY(f.clickOn("firstButton"));
    QVERIFY(f.awaitStep(-1));
    QVERIFY(f.clickOn("lastButton"));
    QVERIFY(f.awaitStep(49));
    QVERIFY(f.chooseInMenu({QStringLiteral("Run"), QStringLiteral("Previous event")}));
    QVERIFY(f.awaitStep(30));
}

void DriveTimelineTest::editsMarksByKeys() {
    TimelineDriver f;
    QVERIFY(f.ok && f.awaitStep(49));
    f.key(Qt::Key_Home);
    QVERIFY(f.awaitStep(-1) && f.enterTimeline());
    f.key(Qt::Key_Down);
    QVERIFY(f.timeline().selectedMark());
    QCOMPARE(f.timeline().selectedMark()->step, 10);
    f.key(Qt::Key_Right, Qt::AltModifier);
    f.key(Qt::Key_Right, Qt::AltModifier);
    QCOMPARE(f.session.recipe().events.front().step, 12);
    f.key(Qt::Key_Return);
    QVERIFY(f.awaitDialogInFront());
    f.key(Qt::Key_A, Qt::ControlModifier);
    f.type(QStringLiteral("0.9"));
    f.key(Qt::Key_Return);
    QVERIFY(f.await([&] { return !QApplication::activeModalWidget() && f.session.isCurrent(); }));
    QCOMPARE(std::get<SetMomentum>(f.session.recipe().events.front().action).momentum, std::optional(0.9));
    QVERIFY(f.front() && f.timeline().hasFocus());
    QVERIFY(f.timeline().selectedMark());
    f.key(Qt::Key_Delete);
    QCOMPARE(f.session.recipe().events.size(), 1U);
    f.keys(Qt::Key_Escape, 2);
    f.key(Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(f.session.recipe().events.size(), 2U);
}

void DriveTimelineTest::editsMarksByMouse() {
    TimelineDriver f;
    QVERIFY(f.ok);
    f.drag(f.timeline(), f.markAt(Kind::Events, 10), f.onMarks(14));
    QCOMPARE(f.session.recipe().events.front().step, 14);
    QVERIFY(f.awaitHead(50));
    f.doubleClick(f.timeline(), f.markAt(Kind::Events, 14));
    QVERIFY(f.awaitDialogInFront());
    QDialog& dialog = *qobject_cast<QDialog*>(QApplication::activeModalWidget());
    QVERIFY(dialog.findChild<QLineEdit*>()->hasFocus());
    f.type(QStringLiteral("0.5"));
    const auto buttons = dialog.findChildren<QAbstractButton*>();
    const auto ok = std::find_if(buttons.begin(), buttons.end(),
                                 [](auto* button) { return plainText(button->text()) == QStringLiteral("OK"); });
    QVERIFY(ok != buttons.end() && f.click(**ok));  // the dialog and its other buttons are gone now
    QVERIFY(f.await([&] { return !QApplication::activeModalWidget(); }));
    QCOMPARE(std::get<SetMomentum>(f.session.recipe().events.front().action).momentum, std::optional(0.5));
    QVERIFY(f.awaitHead(50));
    QTest::mouseClick(f.window.windowHandle(), Qt::RightButton, {},
                      f.timeline().mapTo(&f.window, f.markAt(Kind::Events, 14)));
    QContextMenuEvent wanted(QContextMenuEvent::Mouse, f.markAt(Kind::Events, 14),
                             f.timeline().mapToGlobal(f.markAt(Kind::Events, 14)));
    QApplication::sendEvent(&f.timeline(), &wanted);
    QVERIFY(f.chooseInPopup({QStringLiteral("Delete “momentum 0.3 → 0.5”")}));
    QCOMPARE(f.session.recipe().events.size(), 1U);
}

void DriveTimelineTest::namesAStepByKeys() {
    TimelineDriver f;
    QVERIFY(f.ok);
    f.key(Qt::Key_N);
    QVERIFY(f.awaitDialogInFront());
    f.type(QStringLiteral("the end"));
    f.key(Qt::Key_Return);
    QVERIFY(f.await([&] { return f.words().contains(QStringLiteral("the end")); }));
    QVERIFY(bnstudio::markAt(f.session.recipe(), 49));
}

void DriveTimelineTest::namesAStepByMouse() {
    TimelineDriver f;
    QVERIFY(f.ok);
    f.drag(f.timeline(), f.markAt(Kind::Name, 20), f.markAt(Kind::Name, 20) + f.onMarks(26) - f.onMarks(20));
    QVERIFY(bnstudio::markAt(f.session.recipe(), 26));
    QVERIFY(!bnstudio::markAt(f.session.recipe(), 20));
    QVERIFY(f.chooseInMenu({QStringLiteral("Edit"), QStringLiteral("Undo")}));
    QVERIFY(bnstudio::markAt(f.session.recipe(), 20));
}

void DriveTimelineTest::zoomsByKeys() {
    TimelineDriver f;
    QVERIFY(f.ok && f.enterTimeline());
    const auto whole = f.timeline().visibleSteps();
    f.keys(Qt::Key_Plus, 3);
    QVERIFY(f.timeline().isZoomed());
    QVERIFY(f.timeline().visibleSteps().second - f.timeline().visibleSteps().first < (whole.second - whole.first) / 2);
    f.key(Qt::Key_Minus);
    f.key(Qt::Key_0);
    QVERIFY(!f.timeline().isZoomed());
}

void DriveTimelineTest::zoomsByMouse() {
    Recipe recipe = recipeWithEvents();
    setMark(recipe, 9000, "late");
    TimelineDriver f(recipe, 10000);
    QVERIFY(f.ok);
    f.wheel(f.timeline(), f.onBars(9000.5), 25);
    QVERIFY(f.timeline().isZoomed());
    const auto seen = f.timeline().visibleSteps();
    QVERIFY(seen.first > 8000 && seen.first < 9000 && seen.second > 9000);
    QVERIFY(f.click(f.timeline(), f.markAt(Kind::Name, 9000)));
    QVERIFY(f.awaitStep(9000));
    f.wheel(f.timeline(), f.onBars(9000.5), -60);
    QVERIFY(!f.timeline().isZoomed());
}

void DriveTimelineTest::anEditLeavesAGhost() {
    TimelineDriver f;
    QVERIFY(f.ok);
    const std::int64_t channel = f.session.currentChannel();
    const double before = f.session.series().at(Quantity::RunningMean, 20, channel);
    f.drag(f.timeline(), f.markAt(Kind::Events, 10), f.onMarks(25));
    QVERIFY(f.awaitHead(50));
    auto& view = *static_cast<RunningStatView*>(f.dock("runningMean").findChild<PlotView*>());
    std::vector<QPointF> ghost, present;
    QVERIFY(f.await([&] {  // the plot takes the recomputed steps in a queued call
        ghost = view.plottedLine(PlotRole::Ghost, channel);
        present = view.plottedLine(PlotRole::Running, channel);
        return ghost.size() == 50 && present.size() == 50;
    }));
    QCOMPARE(ghost[20].y(), before);
    QVERIFY(present[20].y() != before);
}

int main(int argc, char** argv) {
    return runWindowTest<DriveTimelineTest>(argc, argv);
}

#include "drive_timeline_test.moc"
