// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/chart.h"

#include "ui/format.h"

#include <cmath>
#include <limits>

namespace bnstudio {

Chart::Chart(QCustomPlot& plot, QCPAxisRect& rect)
    : m_plot(plot),
      m_rect(rect),
      m_x(rect.axis(QCPAxis::atBottom)),
      m_y(rect.axis(QCPAxis::atLeft)),
      m_xTicker(new PlotTicker),
      m_yTicker(new PlotTicker) {
    if (!plot.layer(QLatin1String(playheadLayer))) {
        plot.addLayer(QLatin1String(playheadLayer), plot.layer(QStringLiteral("axes")), QCustomPlot::limAbove);
        plot.layer(QLatin1String(playheadLayer))->setMode(QCPLayer::lmBuffered);
    }
    m_x->setTicker(m_xTicker);
    m_y->setTicker(m_yTicker);
    for (QCPAxis* axis : {m_x, m_y}) {
        axis->setBasePen(Qt::NoPen);
        axis->setTickPen(QPen(Qt::transparent));  // with no pen at all an SVG gets black specks
        axis->setSubTicks(false);
        axis->setTickLength(0, 0);
        axis->setNumberFormat(QStringLiteral("g"));  // labels stay as they are written: "1e-4"
        axis->setTickLabelPadding(4);
        axis->setLabelPadding(5);
        axis->grid()->setVisible(false);
        axis->grid()->setAntialiased(false);
    }
    m_y->grid()->setVisible(true);
}

void Chart::setStyle(const ChartStyle& style) {
    m_style = style;
    // Room for usual labels from the start, so that the plot does not shift while numbers change; QCustomPlot drops
    // labels that would reach beyond the widget, and the highest one reaches half a line above the plot.
    const auto grown = [this](int pixels) { return qRound(pixels * textScale()); };
    m_rect.setMinimumMargins(QMargins(grown(36), grown(10), grown(10), 4));
    for (QCPAxis* axis : {m_x, m_y}) {
        axis->setTickLabelFont(style.font);
        axis->setLabelFont(style.font);
        axis->setTickLabelColor(style.palette.mutedText);
        axis->setLabelColor(style.palette.mutedText);
        axis->grid()->setPen(QPen(style.palette.grid, 1));
        axis->grid()->setZeroLinePen(QPen(blend(style.palette.grid, style.palette.faintText, 0.35), 1));
    }
}

/// The size of the labels against the usual one on a screen. Points belong to files, whose pages have rooms of their own.
double Chart::textScale() const {
    constexpr double usualPixels = 11;
    return std::max(m_style.font.pixelSize() / usualPixels, 1.0);
}

double Chart::playheadPixel() const {
    return std::numeric_limits<double>::quiet_NaN();
}

void Chart::resetZoom() {
    m_xZoomed = m_yZoomed = false;
    forgetRanges();
}

void Chart::zoomX(double factor, double position) {
    const QCPRange range = m_x->range();
    const double centre = range.lower + range.size() * position;
    m_x->setRange(centre - (centre - range.lower) * factor, centre + (range.upper - centre) * factor);
    m_xZoomed = true;
}

void Chart::zoomY(double factor, double position) {
    const QCPRange range = m_y->range();
    if (isLogY()) {
        const double low = std::log10(range.lower), high = std::log10(range.upper),
                     centre = low + (high - low) * position;
        m_y->setRange(std::pow(10, centre - (centre - low) * factor), std::pow(10, centre + (high - centre) * factor));
    } else {
        const double centre = range.lower + range.size() * position;
        m_y->setRange(centre - (centre - range.lower) * factor, centre + (range.upper - centre) * factor);
    }
    m_yZoomed = true;
}

void Chart::pan(QPointF pixels) {
    const auto move = [](QCPAxis& axis, double from, double by) {
        axis.setRange(axis.pixelToCoord(from - by), axis.pixelToCoord(from + axis.axisRect()->width() - by));
    };
    if (pixels.x() != 0) {
        move(*m_x, m_rect.left(), pixels.x());
        m_xZoomed = true;
    }
    // Up and down only once y was zoomed: until then y shows whatever the visible part of x needs.
    if (pixels.y() != 0 && m_yZoomed) {
        const double low = m_y->pixelToCoord(m_rect.bottom() - pixels.y()),
                     high = m_y->pixelToCoord(m_rect.top() - pixels.y());
        m_y->setRange(low, high);
    }
}

void Chart::setLogY(bool on) {
    if (on == isLogY())
        return;
    m_y->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    m_yTicker->setLogarithmic(on);
    m_yTicker->setFloor(0);
    m_yZoomed = m_hasY = false;
}

bool Chart::isLogY() const {
    return m_y->scaleType() == QCPAxis::stLogarithmic;
}

void Chart::showX(double low, double high) {
    m_xTicker->setTickCount(std::max(2, pixelWidth() / qRound(m_xLabelWidth * textScale())));
    if (m_xZoomed)
        return;
    m_x->setRange(low, high);
    m_hasX = true;
}

void Chart::nameY(const QString& word) {
    const bool fits = QFontMetrics(m_style.font).horizontalAdvance(word) <= m_rect.height() + 4;
    m_y->setLabel(fits ? word : QString());
}

void Chart::followX(double low, double high) {
    if (std::isfinite(low) && std::isfinite(high) && low <= high) {
        const AxisRange next = followLinear(low, high, {m_x->range().lower, m_x->range().upper}, m_hasX && !m_xZoomed);
        showX(next.low, next.high);
    }
}

void Chart::followY(double low, double high, bool fromZero) {
    m_yTicker->setTickCount(std::max(3, m_rect.height() / qRound(30 * textScale())));
    if (m_yZoomed || !std::isfinite(low) || !std::isfinite(high) || low > high)
        return;
    const AxisRange previous{m_y->range().lower, m_y->range().upper};
    const AxisRange next =
        isLogY() ? followLog(low, high, previous, m_hasY) : followLinear(low, high, previous, m_hasY);
    m_y->setRange(fromZero ? 0 : next.low, next.high);
    m_hasY = true;
}

double PlotTicker::getTickStep(const QCPRange& range) {
    m_step = niceTickStep(AxisRange{range.lower, range.upper}, mTickCount);
    if (m_wholeNumbers)
        m_step = std::max(1.0, m_step);
    return m_step;
}

QVector<double> PlotTicker::logarithmicTicks(const QCPRange& range) const {
    QVector<double> ticks;
    const int first = static_cast<int>(std::floor(std::log10(range.lower)));
    const int last = static_cast<int>(std::ceil(std::log10(range.upper)));
    const double decades = std::log10(range.upper / range.lower);
    const int every = std::max(1, static_cast<int>(std::ceil(decades / mTickCount)));
    const bool between = every == 1 && (decades * 3 <= mTickCount + 1 || decades < 1.7);
    for (int decade = first; decade <= last; ++decade) {
        const double power = std::pow(10.0, decade);
        if ((decade % every + every) % every == 0)
            ticks << power;
        if (between)
            ticks << 2 * power << 5 * power;
    }
    return ticks;
}

QVector<double> PlotTicker::createTickVector(double tickStep, const QCPRange& range) {
    if (!m_logarithmic)
        return QCPAxisTicker::createTickVector(tickStep, range);
    QVector<double> ticks = logarithmicTicks(range);
    const auto inside = std::count_if(ticks.begin(), ticks.end(), [&](double tick) { return range.contains(tick); });
    m_isFallback = inside < 2 && range.upper < 3 * range.lower;
    if (m_isFallback)
        ticks = QCPAxisTicker::createTickVector(tickStep, range);
    if (m_floor > 0) {
        ticks.removeIf([this](double tick) { return tick < 3 * m_floor; });
        ticks.prepend(m_floor);
    }
    return ticks;
}

QString PlotTicker::getTickLabel(double tick, const QLocale&, QChar, int) {
    if (m_floor > 0 && tick == m_floor)
        return QStringLiteral("≤ 0");
    if (m_logarithmic && !m_isFallback)
        return formatShort(tick, 1);
    if (std::abs(tick) < m_step * 1e-6)
        return QStringLiteral("0");
    const int decimals = static_cast<int>(std::ceil(-std::log10(m_step) - 1e-9));
    if (std::abs(tick) >= 1e6 || decimals > 5)
        return formatShort(tick, 4);
    return QString::number(tick, 'f', std::max(0, decimals));
}

QVector<QString> PlotTicker::createLabelVector(const QVector<double>& ticks, const QLocale& locale, QChar formatChar,
                                               int precision) {
    QVector<QString> labels = QCPAxisTicker::createLabelVector(ticks, locale, formatChar, precision);
    if (!m_word.isEmpty() && !labels.isEmpty()) {
        QString& middle = labels[labels.size() / 2];
        middle = m_word + u' ' + middle;
    }
    return labels;
}

}  // namespace bnstudio
