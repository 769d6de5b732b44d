// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/heat_chart.h"

#include "ui/format.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace bnstudio {

namespace {

constexpr double noNumber = std::numeric_limits<double>::quiet_NaN();
// Bins of all channels together take at most this many floats; long runs of many channels get wider columns.
constexpr std::int64_t mostBins = std::int64_t{12} << 20;

QString tr(const char* text) {
    return QCoreApplication::translate("HeatChart", text);
}

/// A short number, at least @p value and not much more.
double roundedUp(double value) {
    const double unit = std::pow(10.0, std::floor(std::log10(value)));
    for (const double factor : {1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0})
        if (value <= factor * unit * (1 + 1e-9))
            return factor * unit;
    return 10 * unit;
}

/// The |value| that 98 of 100 bins do not exceed, of a sample of them: a few wild steps do not make the rest pale.
double usualSize(const HeatBins& bins) {
    constexpr std::int64_t mostSamples = 16384;
    const std::int64_t cells = std::int64_t{bins.columns()} * bins.rows();
    // An odd stride goes through all columns and rows.
    const std::int64_t stride = std::max<std::int64_t>(1, cells / mostSamples) | 1;
    std::vector<float> sizes;
    for (std::int64_t i = 0; i < cells; i += stride)
        if (const float value = bins.column(0)[i]; std::isfinite(value) && value != 0)
            sizes.push_back(std::abs(value));
    if (sizes.empty())
        return 0;
    const auto usual = sizes.begin() + static_cast<std::ptrdiff_t>((sizes.size() - 1) * 98 / 100);
    std::nth_element(sizes.begin(), usual, sizes.end());
    return static_cast<double>(*usual);
}

}  // namespace

/// Labels the rows with their channels.
class ChannelTicker : public PlotTicker {
public:
    explicit ChannelTicker(const HeatChart& chart) : m_chart(chart) { setWholeNumbers(true); }

protected:
    QString getTickLabel(double tick, const QLocale&, QChar, int) override {
        const std::int64_t channel = m_chart.channelAt(static_cast<std::int64_t>(std::lround(tick)));
        return channel < 0 ? QString() : QString::number(channel);
    }

private:
    const HeatChart& m_chart;
};

HeatChart::HeatChart(QCustomPlot& plot, QCPAxisRect& rect)
    : Chart(plot, rect),
      m_image(new HeatImage(*this)),
      m_bar(new ColourBar(plot, rect)),
      m_events(new EventMarks(*this)),
      m_playhead(new PlayheadItem(*this)),
      m_outline(new SelectionOutline(*this, QStringLiteral("overlay"))),
      m_ticker(new ChannelTicker(*this)) {
    xTicker().setWholeNumbers(true);
    xTicker().setWord(tr("step"));
    y().setTicker(m_ticker);
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
    // The label of channel 0 stands at the very top.
    const QMargins margins = rect().minimumMargins();
    rect().setMinimumMargins({margins.left(), margins.top() + 3, margins.right(), margins.bottom()});
    HeatColours colours;
    colours.set(style.palette, m_image->colours().limit(), factsOf(m_content.quantity).isSigned);
    m_image->setColours(colours);
    m_image->setForFile(style.forFile);
    colour();
    explainColours();
    m_events->setColor(style.palette.mutedText);
    m_playhead->setLook(style.palette, true, 0.5);
    m_outline->setColors(style.palette.text, style.palette.panel);
}

void HeatChart::setContent(HeatContent content, bool sameRun) {
    const bool sameQuantity = content.quantity == m_content.quantity;
    m_content = std::move(content);
    m_playhead->setVisible(m_content.hasPlayhead);
    if (!sameRun || !sameQuantity)
        m_bins.reset({0, 0, 0, 0}, 2, 1, {});
}

void HeatChart::setPlayhead(std::int64_t step) {
    m_playhead->setStep(step);
}
double HeatChart::playheadPixel() const {
    return m_content.hasPlayhead ? m_playhead->pixel() : noNumber;
}

// --- bins ----------------------------------------------------------------------------------------------------------

// The whole run, or what a zoom shows. Ends move in big steps, so that dragging seldom starts the bins afresh.
HeatBins::Window HeatChart::wantedWindow() const {
    const std::int64_t channels = m_content.series.channels();
    HeatBins::Window window{0, -1, 0, channels};
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
    if (isYZoomed() && channels > mostSorted)
        part(y().range(), channels, window.low, window.high);
    return window;
}

int HeatChart::pixelRows() const {
    return (style().forFile ? 3 : 1) * std::max(16, rect().height() / 32 * 32);
}

void HeatChart::ensureBins() {
    const HeatBins::Window window = wantedWindow();
    const std::int64_t channels = window.high - window.low;
    // A row a channel as long as that is affordable: then they can be sorted without being read again.
    const auto mostRows = channels <= mostSorted ? std::max<std::int64_t>(channels, 1) : pixelRows();
    const std::int64_t pixelColumns = (style().forFile ? 3 : 1) * std::max(64, rect().width() / 32 * 32);
    const auto mostColumns = static_cast<int>(
        std::min(pixelColumns, std::max<std::int64_t>(256, mostBins / std::max<std::int64_t>(1, mostRows))));
    const std::int64_t perRow = std::max<std::int64_t>(1, (channels + mostRows - 1) / mostRows);
    const bool current = m_bins.window() == window && m_bins.channelsPerRow() == perRow && m_bins.rows() > 0
                         && m_bins.columns() <= 2 * mostColumns
                         && m_bins.next() <= std::max(window.first, m_content.series.length());
    if (!current)
        m_bins.reset(window, mostColumns, static_cast<int>(mostRows), m_content.before, m_content.quantity);
}

bool HeatChart::takeIn(std::int64_t cells) {
    m_complete = m_bins.advance(m_content.series, cells);
    return m_complete;
}

bool HeatChart::proceed(std::int64_t cells) {
    takeIn(cells);
    showProgress();
    return m_complete;
}

void HeatChart::showProgress() {
    if (m_content.order == ChannelOrder::LargestFirst && m_complete)
        sort();
    colour();
    const int changed = m_bins.takeChanged();
    if (m_bins.rows() > 0)
        m_image->setBins(m_bins, wantedRows(), pixelRows(), changed);
    explainColours();
    outline();
}

// --- rows ----------------------------------------------------------------------------------------------------------

bool HeatChart::isSorted() const {
    return m_content.order != ChannelOrder::Index && m_content.series.channels() <= mostSorted;
}

void HeatChart::sort() {
    const std::int64_t channels = m_content.series.channels();
    const bool here = m_content.order == ChannelOrder::HereFirst;
    if (!isSorted() || (here && (m_content.orderStep < 0 || m_content.orderStep >= m_content.series.length()))) {
        m_order.clear();
        m_positions.clear();
        return;
    }
    std::vector<double> sizes(static_cast<std::size_t>(channels), noNumber);
    if (here) {
        HeatReader reader(m_content.quantity, m_content.series, m_content.before, m_content.orderStep, 1);
        for (std::int64_t channel = 0; channel < channels; ++channel)
            sizes[static_cast<std::size_t>(channel)] = std::abs(reader.read(channel)[0]);
    } else {
        for (int row = 0; row < std::min<std::int64_t>(m_bins.rows(), channels); ++row)
            sizes[static_cast<std::size_t>(row)] = static_cast<double>(m_bins.largest(row));
    }
    m_order.resize(sizes.size());
    std::iota(m_order.begin(), m_order.end(), 0);
    std::stable_sort(m_order.begin(), m_order.end(), [&](std::int32_t a, std::int32_t b) {
        const double first = sizes[static_cast<std::size_t>(a)], second = sizes[static_cast<std::size_t>(b)];
        return std::isnan(second) ? !std::isnan(first) : first > second;
    });
    m_positions.resize(sizes.size());
    for (std::size_t position = 0; position < m_order.size(); ++position)
        m_positions[static_cast<std::size_t>(m_order[position])] = static_cast<std::int32_t>(position);
}

std::int64_t HeatChart::channelAt(std::int64_t position) const {
    if (position < 0 || position >= m_content.series.channels())
        return -1;
    return m_order.empty() ? position : std::int64_t{m_order[static_cast<std::size_t>(position)]};
}

std::int64_t HeatChart::positionOf(std::int64_t channel) const {
    return m_positions.empty() ? channel : std::int64_t{m_positions[static_cast<std::size_t>(channel)]};
}

HeatRows HeatChart::wantedRows() const {
    HeatRows rows{m_order, 0, m_bins.rows()};
    if (isYZoomed() && m_bins.channelsPerRow() == 1 && m_bins.window().low == 0) {
        const auto whole = static_cast<double>(m_bins.rows());
        rows.low = static_cast<std::int64_t>(std::clamp(std::floor(y().range().lower), 0.0, whole - 1));
        rows.high = static_cast<std::int64_t>(
            std::clamp(std::ceil(y().range().upper) + 1, static_cast<double>(rows.low) + 1, whole));
    }
    return rows;
}

void HeatChart::outline() {
    const std::int64_t channels = m_content.series.channels();
    if (m_content.current < 0 || m_content.current >= channels)
        return m_outline->hide();
    const auto position = static_cast<double>(positionOf(m_content.current));
    const double infinity = std::numeric_limits<double>::infinity();
    m_outline->setCells(-infinity, infinity, position - 0.5, position + 0.5);
}

// --- colours -------------------------------------------------------------------------------------------------------

double HeatChart::wantedLimit() const {
    const HeatQuantityFacts facts = factsOf(m_content.quantity);
    if (facts.limit > 0)
        return facts.limit;
    const double usual = usualSize(m_bins);
    return usual > 0 ? roundedUp(usual) : 1;
}

void HeatChart::colour() {
    const HeatQuantityFacts facts = factsOf(m_content.quantity);
    const double limit = wantedLimit();
    if (limit != m_image->colours().limit() || facts.isSigned != m_image->colours().isSigned()) {
        HeatColours colours;
        colours.set(style().palette, limit, facts.isSigned);
        m_image->setColours(colours);
    }
}

void HeatChart::explainColours() {
    m_bar->set(style().palette, style().font, m_image->colours(),
               m_content.hasPlayhead && !style().forFile ? tr("hatched: after the playhead") : QString(),
               m_image->hasNothing() ? tr("no number") : QString());
}

void HeatChart::update() {
    const std::int64_t channels = m_content.series.channels();
    nameY(tr("channel"));
    showX(-0.5, stepAxisEnd(m_content.series.length()) + 0.5);
    const int labelHeight = std::max(12, static_cast<int>(QFontMetricsF(style().font).height())) + 1;
    m_ticker->setTickCount(std::max(2, rect().height() / labelHeight));
    if (!isYZoomed())
        y().setRange(-0.5, static_cast<double>(std::max<std::int64_t>(channels, 1)) - 0.5);
    m_playhead->setHead(m_content.series.length());
    ensureBins();
    if (m_content.order != ChannelOrder::LargestFirst || static_cast<std::int64_t>(m_order.size()) != channels)
        sort();
    m_events->setSteps(m_content.events);
    outline();
    setEmptyText(m_content.series.length() > 0 && channels > 0 ? QString() : m_content.emptyText);
}

// --- words ---------------------------------------------------------------------------------------------------------

std::vector<LegendEntry> HeatChart::legend() const {
    return {{LegendEntry::Mark::Text, {}, factsOf(m_content.quantity).formula, style().palette.mutedText, false}};
}

double HeatChart::cellValue(std::int64_t step, std::int64_t channel) const {
    const HeatBins::Window& window = m_bins.window();
    if (step < window.first || step >= m_bins.next() || channel < window.low || channel >= window.high)
        return noNumber;
    return static_cast<double>(m_bins.at(static_cast<int>((step - window.first) / m_bins.stepsPerColumn()),
                                         static_cast<int>((channel - window.low) / m_bins.channelsPerRow())));
}

QString HeatChart::readoutAt(QPointF pixel) const {
    const auto step = static_cast<std::int64_t>(std::lround(x().pixelToCoord(pixel.x())));
    const std::int64_t channel = channelAt(static_cast<std::int64_t>(std::lround(y().pixelToCoord(pixel.y()))));
    if (step < 0 || step >= m_content.series.length() || channel < 0)
        return {};
    QString words = tr("step %1  ·  channel %2  ·  %3 %4")
                        .arg(step)
                        .arg(channel)
                        .arg(factsOf(m_content.quantity).symbol, formatNumber(cellValue(step, channel), 3));
    if (m_bins.stepsPerColumn() > 1 || m_bins.channelsPerRow() > 1)
        words += tr("  (farthest from 0 of %1 × %2)").arg(m_bins.channelsPerRow()).arg(m_bins.stepsPerColumn());
    return words;
}

}  // namespace bnstudio
