// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/profile_chart.h"

#include "ui/format.h"
#include "ui/plots/decimation.h"

#include <cmath>
#include <limits>

namespace bnstudio {

namespace {

constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

QString tr(const char* text) {
    return QCoreApplication::translate("ProfileChart", text);
}

// Channels that stand this far apart are drawn as dots with whiskers of their own.
constexpr double dotSpacing = 9;

// One vertical line a bucket, from the lowest to the highest end in it, with gaps between.
QVector<QCPGraphData> bandSegments(const std::vector<double>& centre, const std::vector<double>& spread,
                                   std::int64_t bucket, double offset) {
    QVector<QCPGraphData> data;
    const auto count = static_cast<std::int64_t>(std::min(centre.size(), spread.size()));
    for (std::int64_t begin = 0; begin < count; begin += bucket) {
        double low = std::numeric_limits<double>::infinity(), high = -low;
        for (std::int64_t i = begin; i < std::min(count, begin + bucket); ++i) {
            const auto at = static_cast<std::size_t>(i);
            if (std::isfinite(centre[at]) && std::isfinite(spread[at])) {
                low = std::min(low, centre[at] - spread[at]);
                high = std::max(high, centre[at] + spread[at]);
            }
        }
        if (low > high)
            continue;
        const double x = static_cast<double>(begin) + 0.5 * static_cast<double>(bucket - 1) + offset;
        data << QCPGraphData(x, low) << QCPGraphData(x, high) << QCPGraphData(x, notANumber);
    }
    return data;
}

double at(const std::vector<double>& values, std::int64_t channel) {
    return channel >= 0 && channel < static_cast<std::int64_t>(values.size())
               ? values[static_cast<std::size_t>(channel)]
               : notANumber;
}

}  // namespace

ProfileContent profileContent(const LaneSnapshot* lane, const LaneState* state) {
    ProfileContent content;
    if (lane) {
        const Moments& batch = lane->batch;
        content.batchMean = batch.mean;
        for (const double var : batch.var)
            content.batchStd.push_back(std::sqrt(var));
        const double degrees = static_cast<double>(batch.valuesPerChannel - 1);
        for (const double sum : batch.sumSquares)
            content.batchVar.push_back(degrees > 0 ? sum / degrees : notANumber);
    }
    if (state) {
        content.runningMean = state->layer.state().runningMean.value_or(ChannelVector{});
        content.runningVar = state->layer.state().runningVar.value_or(ChannelVector{});
    }
    content.channels = static_cast<std::int64_t>(
        std::max({content.batchMean.size(), content.runningMean.size(), content.runningVar.size()}));
    return content;
}

ProfileChart::ProfileChart(QCustomPlot& plot, QCPAxisRect& rect)
    : Chart(plot, rect),
      m_floorMark(new FloorMark(*this)),
      m_outline(new SelectionOutline(*this, QStringLiteral("overlay"))) {
    xTicker().setWholeNumbers(true);
    xTicker().setWord(tr("channel"));
    // Bands at the back; running values, which spread less than those of a batch, on top.
    for (QCPGraph** graph : {&m_batch.band, &m_running.band, &m_batch.centre, &m_running.centre}) {
        *graph = plot.addGraph(&x(), &y());
        (*graph)->setAdaptiveSampling(false);
    }
}

ProfileChart::~ProfileChart() = default;

void ProfileChart::setStyle(const ChartStyle& style) {
    Chart::setStyle(style);
    m_outline->setColors(style.palette.text, style.palette.panel);
}

void ProfileChart::setContent(ProfileContent content) {
    if (content.variance != m_content.variance || content.logScale != m_content.logScale
        || content.channels != m_content.channels)
        forgetRanges();
    m_content = std::move(content);
}

void ProfileChart::fitY() {
    double low = std::numeric_limits<double>::infinity(), high = -low, smallestPositive = low;
    bool hasNonPositive = false;
    const auto see = [&](double value) {
        if (!std::isfinite(value))
            return;
        low = std::min(low, value);
        high = std::max(high, value);
        if (value > 0)
            smallestPositive = std::min(smallestPositive, value);
        else
            hasNonPositive = true;
    };
    const auto from = static_cast<std::int64_t>(
        std::clamp(std::ceil(x().range().lower), 0.0, static_cast<double>(m_content.channels)));
    const auto to = static_cast<std::int64_t>(
        std::clamp(std::floor(x().range().upper) + 1, 0.0, static_cast<double>(m_content.channels)));
    for (std::int64_t c = from; c < to; ++c) {
        if (m_content.variance) {
            see(at(m_content.batchVar, c));
            see(at(m_content.runningVar, c));
            continue;
        }
        const double batchStd = at(m_content.batchStd, c), runningStd = std::sqrt(at(m_content.runningVar, c));
        for (const double sign : {-1.0, 0.0, 1.0}) {
            see(at(m_content.batchMean, c) + sign * batchStd);
            see(at(m_content.runningMean, c) + sign * runningStd);
        }
        see(at(m_content.batchMean, c));
        see(at(m_content.runningMean, c));
    }
    m_floor = 0;
    if (isLogY() && low <= high) {
        if (!std::isfinite(smallestPositive))
            smallestPositive = high = 1;
        if (hasNonPositive)
            m_floor = logFloorBelow(smallestPositive);
        low = hasNonPositive ? m_floor : smallestPositive;
    }
    yTicker().setFloor(m_floor);
    m_floorMark->setFloor(m_floor, style().palette.faintText);
    followY(low, high);
}

void ProfileChart::updateRow(Row& row, const std::vector<double>& centre, const std::vector<double>& spread,
                             double offset, const QColor& color, const QColor& pale) {
    const double visible = std::max(1.0, std::min(x().range().size(), static_cast<double>(m_content.channels)));
    const bool dots = pixelWidth() / visible >= dotSpacing;
    // The band of the rarely zoomed middle ground is one line a channel, beyond that one a pixel column.
    const std::int64_t bucket = bucketSize(static_cast<std::int64_t>(visible), pixelWidth());
    row.band->setPen(QPen(dots ? blend(color, style().palette.panel, 0.35) : pale, style().forFile ? 0.8 : 1));
    row.band->setAntialiased(false);
    row.band->data()->set(bandSegments(centre, spread, bucket, dots ? offset : 0), true);

    QVector<QCPGraphData> data;
    for (const QPointF& point : decimate(centre, 0, bucket))
        data.append(QCPGraphData(point.x() + (dots ? offset : 0), shownY(point.y())));
    row.centre->data()->set(data, true);
    row.centre->setPen(QPen(color, style().forFile ? 0.8 : 1));
    row.centre->setLineStyle(dots ? QCPGraph::lsNone : QCPGraph::lsLine);
    row.centre->setAntialiased(style().forFile || dots);
    const bool isBatch = &row == &m_batch;
    row.centre->setScatterStyle(!dots     ? QCPScatterStyle(QCPScatterStyle::ssNone)
                                : isBatch ? QCPScatterStyle(QCPScatterStyle::ssDisc, color, color, 5)
                                          : QCPScatterStyle(QCPScatterStyle::ssSquare, color, color, 4));
}

void ProfileChart::update() {
    setLogY(m_content.variance && m_content.logScale);
    nameY(m_content.variance ? tr("variance ÷(n−1)") : tr("mean ± std"));
    const double last = static_cast<double>(std::max<std::int64_t>(m_content.channels, 1)) - 1;
    setXLabelWidth(m_content.channels <= 100 ? 36 : 62);
    showX(-0.6 - last * 0.01, last + 0.6 + last * 0.01);
    fitY();
    std::vector<double> runningStd;
    if (!m_content.variance)
        for (const double var : m_content.runningVar)
            runningStd.push_back(std::sqrt(var));
    const Palette& palette = style().palette;
    updateRow(m_running, m_content.variance ? m_content.runningVar : m_content.runningMean, runningStd, 0.16,
              palette.running, palette.runningPale);
    updateRow(m_batch, m_content.variance ? m_content.batchVar : m_content.batchMean,
              m_content.variance ? std::vector<double>{} : m_content.batchStd, -0.16, palette.batch, palette.batchPale);
    if (m_content.current >= 0 && m_content.current < m_content.channels) {
        const auto channel = static_cast<double>(m_content.current);
        const double infinity = std::numeric_limits<double>::infinity();
        m_outline->setCells(channel - 0.5, channel + 0.5, -infinity, infinity);
    } else {
        m_outline->hide();
    }
    setEmptyText(m_content.channels > 0 ? QString() : m_content.emptyText);
}

std::vector<LegendEntry> ProfileChart::legend() const {
    using Mark = LegendEntry::Mark;
    const Palette& palette = style().palette;
    std::vector<LegendEntry> entries{
        {Mark::Dot, palette.batch, m_content.variance ? tr("batch ÷(n−1)") : tr("batch"), palette.mutedText, false},
        {Mark::Square, palette.running, tr("running"), palette.mutedText, false}};
    if (!m_content.variance)
        entries.push_back({Mark::Text, {}, tr("± std"), palette.mutedText, false});
    return entries;
}

std::vector<QPointF> ProfileChart::line(PlotRole role, std::int64_t) const {
    const QCPGraph* graph = role == PlotRole::Batch         ? m_batch.centre
                            : role == PlotRole::Running     ? m_running.centre
                            : role == PlotRole::BatchBand   ? m_batch.band
                            : role == PlotRole::RunningBand ? m_running.band
                                                            : nullptr;
    std::vector<QPointF> points;
    if (graph)
        for (const QCPGraphData& point : *graph->data())
            points.emplace_back(point.key, point.value);
    return points;
}

QString ProfileChart::readoutAt(QPointF pixel) const {
    const auto channel = static_cast<std::int64_t>(std::lround(x().pixelToCoord(pixel.x())));
    if (channel < 0 || channel >= m_content.channels)
        return {};
    QStringList words{tr("channel %1").arg(channel)};
    const auto pair = [&](const QString& name, const std::vector<double>& mean, double spread) {
        if (channel < static_cast<std::int64_t>(mean.size()))
            words << name + u' ' + formatNumber(at(mean, channel))
                         + (std::isnan(spread) ? QString() : QStringLiteral(" ± ") + formatNumber(spread, 3));
    };
    if (m_content.variance) {
        pair(tr("batch ÷(n−1)"), m_content.batchVar, notANumber);
        pair(tr("running"), m_content.runningVar, notANumber);
    } else {
        pair(tr("batch"), m_content.batchMean, at(m_content.batchStd, channel));
        pair(tr("running"), m_content.runningMean, std::sqrt(at(m_content.runningVar, channel)));
    }
    return words.join(QStringLiteral("  ·  "));
}

}  // namespace bnstudio
