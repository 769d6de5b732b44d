// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/distribution_chart.h"

#include "ui/format.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bnstudio {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("DistributionChart", text);
}

double binWidth(const Histogram& histogram) {
    return (histogram.high - histogram.low) / static_cast<double>(std::max<std::size_t>(histogram.counts.size(), 1));
}

double highest(const Histogram& histogram) {
    return histogram.counts.empty() ? 0 : *std::max_element(histogram.counts.begin(), histogram.counts.end());
}

double countAt(const Histogram& histogram, double value) {
    const auto bin = static_cast<std::int64_t>(std::floor((value - histogram.low) / binWidth(histogram)));
    return bin >= 0 && bin < static_cast<std::int64_t>(histogram.counts.size())
               ? histogram.counts[static_cast<std::size_t>(bin)]
               : 0;
}

}  // namespace

DistributionContent distributionContent(const Distributions* distributions, const LaneSnapshot* lane) {
    DistributionContent content;
    content.mean = std::numeric_limits<double>::quiet_NaN();
    if (!distributions) {
        content.emptyText = lane && lane->refused() ? tr("The layer refused this batch.")
                            : lane && lane->skipped ? tr("This batch was skipped.")
                                                    : tr("No batch yet: run a step.");
        return content;
    }
    content.distributions = *distributions;
    content.hasData =
        highest(distributions->x) > 0 || highest(distributions->xhat) > 0 || highest(distributions->y) > 0;
    content.emptyText = tr("No finite value in this channel of the batch.");
    const auto channel = static_cast<std::size_t>(distributions->channel);
    if (lane && channel < lane->forward.mean.size()) {
        content.mean = lane->forward.mean[channel];
        content.meanOfBatch = lane->forward.usedBatchStatistics;
    }
    return content;
}

DistributionChart::DistributionChart(QCustomPlot& plot, QCPAxisRect& rect)
    : Chart(plot, rect),
      m_x(plot.addGraph(&x(), &y())),
      m_xhat(plot.addGraph(&x(), &y())),
      m_y(plot.addGraph(&x(), &y())),
      m_marker(new ValueMarker(*this)) {
    for (QCPGraph* graph : {m_x, m_xhat, m_y}) {
        graph->setLineStyle(QCPGraph::lsStepLeft);
        graph->setAdaptiveSampling(false);
        graph->setAntialiased(false);
        graph->setAntialiasedFill(false);
    }
}

DistributionChart::~DistributionChart() = default;

void DistributionChart::setContent(DistributionContent content) {
    if (content.distributions.channel != m_content.distributions.channel)
        forgetRanges();
    m_content = std::move(content);
}

void DistributionChart::drawHistogram(QCPGraph& graph, const Histogram& histogram, const QColor& color, bool filled) {
    QVector<QCPGraphData> data;
    if (highest(histogram) > 0) {
        const double width = binWidth(histogram);
        data.append(QCPGraphData(histogram.low, 0));
        for (std::size_t i = 0; i < histogram.counts.size(); ++i)
            data.append(QCPGraphData(histogram.low + width * static_cast<double>(i), histogram.counts[i]));
        data.append(QCPGraphData(histogram.high, 0));
    }
    graph.data()->set(data, true);
    graph.setPen(QPen(color, style().forFile ? 0.8 : 1));
    QColor fill = color;
    fill.setAlphaF(0.45F);
    graph.setBrush(filled ? QBrush(fill) : QBrush(Qt::NoBrush));
}

void DistributionChart::update() {
    const Palette& palette = style().palette;
    const Distributions& d = m_content.distributions;
    nameY(tr("values per bin"));
    double low = std::numeric_limits<double>::infinity(), high = -low, most = 0;
    for (const Histogram* histogram : {&d.x, &d.xhat, &d.y})
        if (highest(*histogram) > 0) {
            low = std::min(low, histogram->low);
            high = std::max(high, histogram->high);
            most = std::max(most, highest(*histogram));
        }
    followX(low, high);
    followY(0, std::max(most, 1.0), true);
    yTicker().setWholeNumbers(true);
    drawHistogram(*m_x, d.x, palette.batch, true);
    drawHistogram(*m_xhat, d.xhat, palette.normalised, true);
    drawHistogram(*m_y, d.y, palette.affine, false);
    const bool batch = m_content.meanOfBatch;
    m_marker->set(m_content.hasData ? m_content.mean : std::numeric_limits<double>::quiet_NaN(),
                  batch ? tr("μ of the batch") : tr("running_mean"), batch ? palette.batch : palette.running,
                  batch ? palette.batchText : palette.runningText, style().font);
    setEmptyText(m_content.hasData ? QString() : m_content.emptyText);
}

QString DistributionChart::leftOutText() const {
    const std::int64_t count = m_content.distributions.x.nonFinite;
    if (count <= 0)
        return {};
    return count == 1 ? tr("1 value that is not finite is left out")
                      : tr("%1 values that are not finite are left out").arg(formatCount(count));
}

std::vector<LegendEntry> DistributionChart::legend() const {
    using Mark = LegendEntry::Mark;
    const Palette& palette = style().palette;
    std::vector<LegendEntry> entries{{Mark::Square, palette.batch, QStringLiteral("x"), palette.mutedText, false},
                                     {Mark::Square, palette.normalised, QStringLiteral("x̂"), palette.mutedText, false},
                                     {Mark::Outline, palette.affine, QStringLiteral("y"), palette.mutedText, false}};
    if (const QString words = leftOutText(); !words.isEmpty())
        entries.insert(entries.begin(), {Mark::Text, {}, words, palette.warningText, false});
    return entries;
}

std::vector<QPointF> DistributionChart::line(PlotRole role, std::int64_t channel) const {
    const QCPGraph* graph = role == PlotRole::Input        ? m_x
                            : role == PlotRole::Normalised ? m_xhat
                            : role == PlotRole::Output     ? m_y
                                                           : nullptr;
    std::vector<QPointF> points;
    if (graph && channel == m_content.distributions.channel)
        for (const QCPGraphData& point : *graph->data())
            points.emplace_back(point.key, point.value);
    return points;
}

QString DistributionChart::readoutAt(QPointF pixel) const {
    if (!m_content.hasData)
        return {};
    const double value = x().pixelToCoord(pixel.x());
    const Distributions& d = m_content.distributions;
    return tr("near %1:  x %2  ·  x̂ %3  ·  y %4")
        .arg(formatNumber(value, 3), formatCount(static_cast<qint64>(countAt(d.x, value))),
             formatCount(static_cast<qint64>(countAt(d.xhat, value))),
             formatCount(static_cast<qint64>(countAt(d.y, value))));
}

}  // namespace bnstudio
