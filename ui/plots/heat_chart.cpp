// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/heat_chart.h"

#include "ui/format.h"
#include "ui/plots/heat_image.h"

#include <cmath>
#include <limits>

namespace bnstudio {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("HeatChart", text);
}

}  // namespace

HeatChart::HeatChart(QCustomPlot& plot, QCPAxisRect& rect)
    : Chart(plot, rect),
      m_image(new HeatImage(*this)),
      m_bar(new ColourBar(plot, rect)),
      m_events(new EventMarks(*this)),
      m_playhead(new PlayheadItem(*this)),
      m_outline(new SelectionOutline(*this, QStringLiteral("overlay"))) {
    xTicker().setWholeNumbers(true);
    xTicker().setWord(tr("step"));
    yTicker().setWholeNumbers(true);
    // The label of channel 0 stands at the very top.
    rect.setMinimumMargins(QMargins(36, 11, 10, 4));
    y().setRangeReversed(true);
    y().grid()->setVisible(false);
    m_events->setLayer(QStringLiteral("axes"));
    if (auto* grid = qobject_cast<QCPLayoutGrid*>(rect.layout())) {
        int row = 0, column = 0;
        while (row < grid->rowCount() && grid->element(row, column) != &rect)
            ++row;
        grid->insertRow(row + 1);
        grid->addElement(row + 1, column, m_bar);
        grid->setRowSpacing(2);
    }
}

HeatChart::~HeatChart() = default;

void HeatChart::setStyle(const ChartStyle& style) {
    Chart::setStyle(style);
    SignedColours colours;
    colours.set(style.palette, limit);
    m_image->setColours(colours);
    m_image->setForFile(style.forFile);
    m_bar->set(style.palette, style.font, colours, limit,
               m_content.hasPlayhead && !style.forFile ? tr("hatched: after the playhead") : QString());
    m_events->setColor(style.palette.mutedText);
    m_playhead->setLook(style.palette, true, 0.5);
    m_outline->setColors(style.palette.text, style.palette.panel);
}

void HeatChart::setContent(HeatContent content, bool sameRun) {
    m_content = std::move(content);
    m_playhead->setVisible(m_content.hasPlayhead);
    if (!sameRun)
        m_bins.reset({0, 0, 0, 0}, 2, 1, {});
}

void HeatChart::setPlayhead(std::int64_t step) {
    m_playhead->setStep(step);
}
double HeatChart::playheadPixel() const {
    return m_content.hasPlayhead ? m_playhead->pixel() : std::numeric_limits<double>::quiet_NaN();
}

// The whole run, or what a zoom shows. Ends move in big steps, so that dragging seldom starts the bins afresh.
HeatBins::Window HeatChart::wantedWindow() const {
    HeatBins::Window window{0, -1, 0, m_content.series.channels()};
    const auto part = [](const QCPRange& range, std::int64_t count, std::int64_t& first, std::int64_t& last) {
        const double grain = std::max(1.0, std::pow(2.0, std::floor(std::log2(std::max(range.size(), 1.0) / 2))));
        first = static_cast<std::int64_t>(
            std::clamp(std::floor(range.lower / grain) * grain, 0.0, static_cast<double>(count)));
        last = static_cast<std::int64_t>(
            std::clamp(std::ceil(range.upper / grain) * grain + 1, 0.0, static_cast<double>(count)));
    };
    if (isXZoomed()) {
        // Growing runs stay open-ended when the zoom reaches their end.
        part(x().range(), m_content.series.length(), window.first, window.last);
        if (window.last >= m_content.series.length())
            window.last = -1;
    }
    if (isYZoomed())
        part(y().range(), m_content.series.channels(), window.low, window.high);
    return window;
}

void HeatChart::ensureBins() {
    const HeatBins::Window window = wantedWindow();
    // Rows follow the height only beyond one channel a pixel.
    const int density = style().forFile ? 3 : 1;
    const int mostRows = density * std::max(16, rect().height() / 32 * 32);
    const int mostColumns = density * std::max(64, rect().width() / 32 * 32);
    const std::int64_t channels = window.high - window.low;
    const std::int64_t perRow = std::max<std::int64_t>(1, (channels + mostRows - 1) / mostRows);
    const bool current = m_bins.window() == window && m_bins.channelsPerRow() == perRow && m_bins.rows() > 0
                         && m_bins.columns() <= 2 * mostColumns
                         && m_bins.next() <= std::max(window.first, m_content.series.length());
    if (!current)
        m_bins.reset(window, mostColumns, mostRows, m_content.before);
}

bool HeatChart::proceed(std::int64_t cells) {
    m_complete = m_bins.advance(m_content.series, cells);
    m_image->setBins(m_bins);
    return m_complete;
}

void HeatChart::update() {
    const std::int64_t channels = m_content.series.channels();
    nameY(tr("channel"));
    showX(-0.5, stepAxisEnd(m_content.series.length()) + 0.5);
    yTicker().setTickCount(std::max(2, rect().height() / 18));
    if (!isYZoomed())
        y().setRange(-0.5, static_cast<double>(std::max<std::int64_t>(channels, 1)) - 0.5);
    m_playhead->setHead(m_content.series.length());
    ensureBins();
    m_events->setSteps(m_content.events);
    if (m_content.current >= 0 && m_content.current < channels) {
        const auto channel = static_cast<double>(m_content.current);
        const double infinity = std::numeric_limits<double>::infinity();
        m_outline->setCells(-infinity, infinity, channel - 0.5, channel + 0.5);
    } else {
        m_outline->hide();
    }
    setEmptyText(m_content.series.length() > 0 && channels > 0 ? QString() : m_content.emptyText);
}

std::vector<LegendEntry> HeatChart::legend() const {
    return {
        {LegendEntry::Mark::Text, {}, tr("(batch mean − running mean) / (σ/√n)"), style().palette.mutedText, false}};
}

double HeatChart::cellValue(std::int64_t step, std::int64_t channel) const {
    const HeatBins::Window& window = m_bins.window();
    if (step < window.first || step >= m_bins.next() || channel < window.low || channel >= window.high)
        return std::numeric_limits<double>::quiet_NaN();
    return static_cast<double>(m_bins.at(static_cast<int>((step - window.first) / m_bins.stepsPerColumn()),
                                         static_cast<int>((channel - window.low) / m_bins.channelsPerRow())));
}

QString HeatChart::readoutAt(QPointF pixel) const {
    const auto step = static_cast<std::int64_t>(std::lround(x().pixelToCoord(pixel.x())));
    const auto channel = static_cast<std::int64_t>(std::lround(y().pixelToCoord(pixel.y())));
    if (step < 0 || step >= m_content.series.length() || channel < 0 || channel >= m_content.series.channels())
        return {};
    QString words =
        tr("step %1  ·  channel %2  ·  z %3").arg(step).arg(channel).arg(formatNumber(cellValue(step, channel), 3));
    if (m_bins.stepsPerColumn() > 1 || m_bins.channelsPerRow() > 1)
        words += tr("  (farthest from 0 of %1 × %2)").arg(m_bins.channelsPerRow()).arg(m_bins.stepsPerColumn());
    return words;
}

}  // namespace bnstudio
