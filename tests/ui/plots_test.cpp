// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/plot_session.h"
#include "ui/plots/channels_heat_view.h"
#include "ui/plots/distribution_view.h"
#include "ui/plots/loss_view.h"
#include "ui/plots/parameter_view.h"
#include "ui/plots/profile_view.h"
#include "ui/plots/running_stat_view.h"

#include <QtWidgets>

#include <cmath>
#include <limits>
#include <numeric>

using namespace bnstudio;
using namespace bnstudio::test;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

}  // namespace

class PlotsTest : public QObject {
    Q_OBJECT

private slots:
    void runningMeanHoldsTheSeries();
    void runningVarMarksTheFloor();
    void severalChannels();
    void gapsAreGaps();
    void zoomStaysAndResets();
    void hiddenViewsCatchUp();
    void clickGoesToStep();
    void profile();
    void distributions();
    void parametersAndEmptyStates();
    void loss();
    void heatMap();
};

void PlotsTest::runningMeanHoldsTheSeries() {
    Ready ready(pastedRecipe(), 5);
    ready.session.selectChannel(0);
    RunningStatView view(ready.session, Quantity::RunningMean);
    lookAt(view);
    const auto running = view.plottedLine(PlotRole::Running, 0), batch = view.plottedLine(PlotRole::Batch, 0);
    QCOMPARE(running.size(), 5U);
    QCOMPARE(batch.size(), 5U);
    for (int step = 0; step < 5; ++step) {
        const auto at = static_cast<std::size_t>(step);
        QCOMPARE(batch[at], QPointF(step, 4));
        QCOMPARE(running[at], QPointF(step, ready.session.series().at(Quantity::RunningMean, step, 0)));
    }
    QVERIFY(view.plottedLine(PlotRole::Running, 1).empty());
    QVERIFY(view.plottedLine(PlotRole::Population, 0).empty());
    QCOMPARE(view.legendWords(), (QStringList{"batch", "running"}));
    QVERIFY(view.emptyText().isEmpty());
    QVERIFY(view.visibleRange().contains(QPointF(4, 4)));
}

void PlotsTest::runningVarMarksTheFloor() {
    Ready ready(pastedRecipe(), 3);
    ready.session.selectChannel(1);
    RunningStatView view(ready.session, Quantity::RunningVar);
    lookAt(view);
    QVERIFY(view.isLogScale());
    // Channel 1 is constant: its batch variance is 0, drawn at the floor, which lies below every running variance.
    const auto batch = view.plottedLine(PlotRole::Batch, 1);
    QCOMPARE(batch.size(), 3U);
    QVERIFY(view.logFloor() > 0 && view.logFloor() < ready.session.series().at(Quantity::RunningVar, 2, 1));
    QCOMPARE(batch[0].y(), view.logFloor());
    view.setLogScale(false);
    QCOMPARE(view.logFloor(), 0.0);
    QCOMPARE(view.plottedLine(PlotRole::Batch, 1)[0].y(), 0.0);
    // The dots are what running_var takes in.
    ready.session.selectChannel(0);
    view.refresh();
    QCOMPARE(view.plottedLine(PlotRole::Batch, 0)[0].y(), ready.session.series().at(Quantity::BatchVarUnbiased, 0, 0));
    QCOMPARE(view.legendWords().first(), QStringLiteral("batch ÷(n−1)"));
}

void PlotsTest::severalChannels() {
    Recipe recipe;
    GeneratorSpec generator;
    generator.n = 8;
    generator.c = 32;
    recipe.data.sources = {generator};
    Ready ready(recipe, 4);
    std::vector<std::int64_t> all(32);
    std::iota(all.begin(), all.end(), 0);
    ready.session.selectChannels(all, 20);
    RunningStatView view(ready.session, Quantity::RunningMean);
    lookAt(view);
    int lines = 0;
    for (const std::int64_t channel : all)
        lines += !view.plottedLine(PlotRole::Running, channel).empty();
    QCOMPARE(lines, 16);
    QCOMPARE(view.plottedLine(PlotRole::Running, 20).size(), 4U);
    // Beyond four channels only the current one has dots.
    QCOMPARE(view.plottedLine(PlotRole::Batch, 20).size(), 4U);
    QVERIFY(view.plottedLine(PlotRole::Batch, 0).empty());
    QVERIFY(!view.plottedLine(PlotRole::Population, 20).empty());
}

void PlotsTest::gapsAreGaps() {
    Recipe recipe = pastedRecipe();
    recipe.events.push_back({2, -1, SkipBatch{}});
    Ready ready(recipe, 5);
    ready.session.selectChannel(0);
    RunningStatView view(ready.session, Quantity::RunningMean);
    lookAt(view);
    const auto batch = view.plottedLine(PlotRole::Batch, 0);
    QCOMPARE(batch.size(), 5U);
    QVERIFY(std::isnan(batch[2].y()));
    QCOMPARE(batch[3], QPointF(3, 4));
}

void PlotsTest::zoomStaysAndResets() {
    Ready ready(pastedRecipe(), 40);
    RunningStatView view(ready.session, Quantity::RunningMean);
    lookAt(view);
    const QRectF everything = view.visibleRange();
    view.zoomX(0.25);
    QVERIFY(view.isZoomed());
    const QRectF zoomed = view.visibleRange();
    QVERIFY(std::abs(zoomed.width() - everything.width() * 0.25)
            < 1e-9 * everything.width());  // one product's rounding
    ready.session.goTo(80);
    ready.await(81);
    view.refresh();
    QCOMPARE(view.visibleRange().left(), zoomed.left());
    QCOMPARE(view.visibleRange().right(), zoomed.right());
    view.resetZoom();
    QVERIFY(!view.isZoomed());
    QVERIFY(view.visibleRange().right() > 80);
    QVERIFY(view.visibleRange().left() <= 0);
}

void PlotsTest::hiddenViewsCatchUp() {
    Ready ready(pastedRecipe(), 3);
    RunningStatView view(ready.session, Quantity::RunningMean);
    lookAt(view);
    QCOMPARE(view.plottedLine(PlotRole::Running, ready.session.currentChannel()).size(), 3U);
    view.hide();
    ready.session.goTo(7);
    ready.await(8);
    QCoreApplication::processEvents();
    QCOMPARE(view.plottedLine(PlotRole::Running, ready.session.currentChannel()).size(), 3U);
    view.show();
    QTRY_COMPARE(view.plottedLine(PlotRole::Running, ready.session.currentChannel()).size(), 8U);
}

void PlotsTest::clickGoesToStep() {
    Ready ready(pastedRecipe(), 11);
    RunningStatView view(ready.session, Quantity::RunningMean);
    lookAt(view);
    QTest::qWait(0);
    auto* plot = view.findChild<QWidget*>(QString(), Qt::FindDirectChildrenOnly);
    for (QWidget* child : view.findChildren<QWidget*>())
        if (child->inherits("QCustomPlot"))
            plot = child;
    QVERIFY(plot->inherits("QCustomPlot"));
    QTest::mouseClick(plot, Qt::LeftButton, {}, plot->rect().center());
    QVERIFY(ready.session.playhead() > 0 && ready.session.playhead() < 10);
    QVERIFY(view.readoutAt(plot->rect().center()).contains(QStringLiteral("step %1").arg(ready.session.playhead())));
    QVERIFY(view.readoutAt(plot->rect().center()).contains(QStringLiteral("batch 4")));
}

void PlotsTest::profile() {
    Ready ready(pastedRecipe(), 2);
    ProfileView view(ready.session);
    lookAt(view);
    const auto batch = view.plottedLine(PlotRole::Batch, 0);
    QCOMPARE(batch.size(), 2U);
    QCOMPARE(batch[0].y(), 4.0);
    QCOMPARE(batch[1].y(), 3.0);
    // Low end, high end, gap, for channels 0 (4 ± 2) and 1 (3 ± 0).
    const auto band = view.plottedLine(PlotRole::BatchBand, 0);
    QCOMPARE(band.size(), 6U);
    QCOMPARE(band[0].y(), 2.0);
    QCOMPARE(band[1].y(), 6.0);
    QVERIFY(std::isnan(band[2].y()));
    QCOMPARE(band[3].y(), 3.0);
    view.setShowsVariance(true);
    view.setLogScale(false);
    QCOMPARE(view.plottedLine(PlotRole::Batch, 0)[0].y(), 16.0 / 3.0);
    QVERIFY(view.plottedLine(PlotRole::BatchBand, 0).empty());
    QCOMPARE(view.legendWords().first(), QStringLiteral("batch ÷(n−1)"));
    // The start has running statistics only.
    ready.show(-1);
    view.refresh();
    QVERIFY(view.plottedLine(PlotRole::Batch, 0).empty());
    QCOMPARE(view.plottedLine(PlotRole::Running, 0).size(), 2U);
}

void PlotsTest::distributions() {
    Recipe recipe = pastedRecipe();
    recipe.events.push_back({1, -1, EditCell{0, 0, 0, missing}});
    Ready ready(recipe, 2);
    ready.session.selectChannel(0);
    ready.show(0);
    QTRY_VERIFY_WITH_TIMEOUT(ready.session.shown().distributions && ready.session.shown().distributions->channel == 0,
                             30'000);
    DistributionView view(ready.session);
    lookAt(view);
    double values = 0;
    for (const QPointF& point : view.plottedLine(PlotRole::Input, 0))
        values += point.y();
    QCOMPARE(values, 4.0);
    QCOMPARE(view.markedMean(), 4.0);
    QVERIFY(view.leftOutText().isEmpty());
    QCOMPARE(view.title(), QStringLiteral("Distributions, channel 0"));
    ready.show(1);
    QTRY_VERIFY_WITH_TIMEOUT(ready.session.shown().distributions && ready.session.shown().step == 1, 30'000);
    view.refresh();
    QVERIFY(view.leftOutText().startsWith(QStringLiteral("1 value")));
    QVERIFY(view.legendWords().contains(view.leftOutText()));
    ready.show(-1);
    view.refresh();
    QVERIFY(!view.emptyText().isEmpty());
}

void PlotsTest::parametersAndEmptyStates() {
    Recipe recipe = pastedRecipe();
    Ready ready(recipe, 3);
    ready.session.selectChannel(1);
    ParameterView view(ready.session);
    lookAt(view);
    const auto weight = view.plottedLine(PlotRole::Weight, 1);
    QCOMPARE(weight.size(), 3U);
    QCOMPARE(weight[2], QPointF(2, 1));
    QCOMPARE(view.plottedLine(PlotRole::Bias, 1)[0], QPointF(0, 0));
    view.setShowsGradients(true);
    view.refresh();
    QVERIFY(view.plottedLine(PlotRole::GradWeight, 1).empty());
    QVERIFY(view.emptyText().contains(QStringLiteral("No backward pass")));

    recipe.lanes[0].layer.affine = false;
    Ready plain(recipe, 3);
    ParameterView withoutAffine(plain.session);
    lookAt(withoutAffine);
    QVERIFY(withoutAffine.emptyText().contains(QStringLiteral("affine is off")));
}

void PlotsTest::loss() {
    Ready without(pastedRecipe(), 2);
    LossView empty(without.session);
    lookAt(empty);
    QVERIFY(empty.emptyText().contains(QStringLiteral("no loss")));

    Ready ready(defaultRecipe(), 10);
    LossView view(ready.session);
    lookAt(view);
    const auto line = view.plottedLine(PlotRole::Loss, 0);
    QCOMPARE(line.size(), 10U);
    QCOMPARE(line[9].y(), ready.session.series().at(ScalarQuantity::Loss, 9));
    QCOMPARE(view.legendWords().size(), 1);
    QVERIFY(view.legendWords().first().startsWith(QStringLiteral("loss ")));
}

void PlotsTest::heatMap() {
    Recipe recipe = pastedRecipe();
    recipe.events.push_back({3, -1, ResetRunningStats{}});
    Ready ready(recipe, 5);
    ChannelsHeatView view(ready.session);
    lookAt(view);
    QTRY_VERIFY(view.isComplete());
    const auto z = [&](std::int64_t step, double meanBefore, double varBefore) {
        return (ready.session.series().at(Quantity::BatchMean, step, 0) - meanBefore) / std::sqrt(varBefore / 4);
    };
    // float storage of a bin: 24 bits.
    const auto isClose = [](double a, double b) { return std::abs(a - b) <= std::abs(b) * 1e-6; };
    QVERIFY(isClose(view.cellValue(0, 0), z(0, 0, 1)));
    const SeriesView& series = ready.session.series();
    QVERIFY(isClose(view.cellValue(2, 0),
                    z(2, series.at(Quantity::RunningMean, 1, 0), series.at(Quantity::RunningVar, 1, 0))));
    // Step 3 starts from reset statistics, not from those of step 2.
    QVERIFY(isClose(view.cellValue(3, 0), z(3, 0, 1)));
    QVERIFY(std::isnan(view.cellValue(5, 0)));
    // Binned runs keep the value farthest from zero.
    ready.session.goTo(999);
    ready.await(1000);
    view.refresh();
    QTRY_VERIFY(view.isComplete());
    QVERIFY(isClose(view.cellValue(0, 0), z(0, 0, 1)));
    QVERIFY(isClose(view.cellValue(1, 0), z(0, 0, 1)));
    ready.session.selectChannel(1);
    view.setFocus();
    QTest::keyClick(&view, Qt::Key_Up);
    QCOMPARE(ready.session.currentChannel(), 0);
    QTest::keyClick(&view, Qt::Key_Left);
    QCOMPARE(ready.session.playhead(), 998);
}

QTEST_MAIN(PlotsTest)
#include "plots_test.moc"
