// SPDX-License-Identifier: GPL-3.0-or-later
// What the timeline shows: bars, labels, zoom.
#include "tests/ui/timeline_fixture.h"

#include <limits>

using namespace bnstudio;
using namespace bnstudio::test;

using Kind = TimelineMark::Kind;

namespace {

constexpr auto nothing = MarkLayout::nothing;

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
    void refusedAndNanBatches();
    void refusedBatchesHaveAShape();
    void zoomsByWheelKeysAndButtons();
    void zoomFollowsThePlayhead();
    void overviewMovesThePart();
    void paintsTenThousandStepsQuickly();
    void startWithoutSteps();
};

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
    TimelineFixture f;
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
    TimelineFixture f;
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

void TimelineTest::eventsShowOldAndNew() {
    TimelineFixture f;
    QVERIFY(f.ok);
    QCOMPARE(f.timeline->marks().size(), 4U);
    QVERIFY(f.labels().contains(QStringLiteral("momentum 0.3 → 0.1")));
    QVERIFY(f.labels().contains(QStringLiteral("warm-up ends")));
    QVERIFY(f.labels().contains(QStringLiteral("reset_running_stats() +1")));
}

void TimelineTest::showsWhatIsPlannedAhead() {
    TimelineFixture f(defaultRecipe(), 20);
    QVERIFY(f.ok);
    QCOMPARE(f.timeline->extent(), 50);
    nameStep(f.session, 120, QStringLiteral("later"));
    QCOMPARE(f.timeline->extent(), 200);
    nameStep(f.session, 100'000, QStringLiteral("much later"));
    QCOMPARE(f.timeline->extent(), 200);
}

void TimelineTest::tooltipNamesWhatIsThere() {
    TimelineFixture f;
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
    TimelineFixture f(recipe, 12);
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
    TimelineFixture f(recipe, 12);
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

void TimelineTest::zoomsByWheelKeysAndButtons() {
    TimelineFixture f;
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
    TimelineFixture f(defaultRecipe(), 400);
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
    TimelineFixture f(defaultRecipe(), 400);
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

void TimelineTest::paintsTenThousandStepsQuickly() {
    Recipe recipe = defaultRecipe();
    std::get<GeneratorSpec>(recipe.data.sources[0]).n = 2;
    for (int i = 1; i < 200; ++i)
        insertEvent(recipe, {i * 50, -1, SetMomentum{i % 2 ? 0.2 : 0.1}});
    TimelineFixture f(recipe, 10'000);
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
    TimelineFixture f(recipeWithEvents(), 0);
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
