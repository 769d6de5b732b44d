// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/heat_image.h"

#include "ui/format.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {

void HeatColours::set(const Palette& palette, double limit, bool isSigned) {
    constexpr double leastOfCounts = 0.35;  // even a single one is to be seen
    m_isSigned = isSigned;
    m_ramp = isSigned ? SignedRamp(palette, limit)
                      : SignedRamp({palette.neutral, palette.neutral, palette.warning, leastOfCounts}, limit);
    m_nothing = blend(palette.panel, palette.faintText, 0.5).rgb();
}

QRgb HeatColours::of(float value) const {
    if (std::isnan(value))
        return m_nothing;
    return m_ramp.of(!m_isSigned && value > 0 ? std::max(double{value}, m_ramp.least()) : double{value});
}

HeatImage::HeatImage(Chart& chart) : ChartItem(chart, QStringLiteral("main")) {}

void HeatImage::setColours(const HeatColours& colours) {
    m_colours = colours;
    m_isStale = true;
}

void HeatImage::setBins(const HeatBins& bins, const HeatRows& rows, int mostRows, int firstChanged) {
    const std::int64_t positions = rows.high - rows.low;
    const std::int64_t perPixel = std::max<std::int64_t>(1, (positions + mostRows - 1) / std::max(1, mostRows));
    const QSize size(bins.columns(), static_cast<int>((positions + perPixel - 1) / perPixel));
    const bool isNew = m_isStale || rows != m_rows || size.height() != m_image.height();
    if (isNew) {
        m_rows = rows;
        m_isStale = m_hasNothing = false;
        firstChanged = 0;
    }
    if (size != m_image.size())
        m_image = isNew ? QImage(size, QImage::Format_RGB32) : m_image.copy(QRect(QPoint(0, 0), size));
    for (int column = firstChanged; column < bins.columns(); ++column)
        paintColumn(bins, column, perPixel);
    const HeatBins::Window& window = bins.window();
    // The last column may stand for steps that are still to come.
    m_left = static_cast<double>(window.first) - 0.5;
    m_right = m_left + static_cast<double>(bins.columns() * bins.stepsPerColumn());
    m_top = static_cast<double>(window.low + rows.low * bins.channelsPerRow()) - 0.5;
    m_bottom = m_top + static_cast<double>(size.height() * perPixel * bins.channelsPerRow());
}

void HeatImage::paintColumn(const HeatBins& bins, int column, std::int64_t perPixel) {
    const float* values = bins.column(column);
    const auto rowAt = [this](std::int64_t position) {
        return m_rows.order.empty() ? position : std::int64_t{m_rows.order[static_cast<std::size_t>(position)]};
    };
    std::int64_t position = m_rows.low;
    for (int y = 0; y < m_image.height(); ++y) {
        float value = values[rowAt(position++)];
        for (const std::int64_t end = std::min(m_rows.high, position - 1 + perPixel); position < end; ++position)
            value = HeatBins::farther(value, values[rowAt(position)]);
        m_hasNothing = m_hasNothing || std::isnan(value);
        reinterpret_cast<QRgb*>(m_image.scanLine(y))[column] = m_colours.of(value);
    }
}

void HeatImage::draw(QCPPainter* painter) {
    if (m_image.isNull())
        return;
    const QRectF target(QPointF(chart().x().coordToPixel(m_left), chart().y().coordToPixel(m_top)),
                        QPointF(chart().x().coordToPixel(m_right), chart().y().coordToPixel(m_bottom)));
    painter->setRenderHint(QPainter::SmoothPixmapTransform, false);
    if (m_forFile) {
        // Viewers smooth what they stretch; cells of several pixels keep their edges.
        const QSize size(m_image.width() * std::max(1, 1200 / m_image.width()),
                         m_image.height() * std::max(1, 800 / m_image.height()));
        painter->drawImage(target, m_image.scaled(size, Qt::IgnoreAspectRatio, Qt::FastTransformation));
    } else {
        painter->drawImage(target, m_image);
    }
}

ColourBar::ColourBar(QCustomPlot& plot, QCPAxisRect& above) : QCPLayoutElement(&plot), m_above(above) {}

void ColourBar::set(const Palette& palette, const QFont& font, const HeatColours& colours, const QString& words,
                    const QString& nothing) {
    m_palette = palette;
    m_font = font;
    m_colours = colours;
    m_words = words;
    m_nothing = nothing;
}

QSize ColourBar::minimumOuterSizeHint() const {
    return {60, static_cast<int>(QFontMetricsF(m_font).height()) + 3};
}
QSize ColourBar::maximumOuterSizeHint() const {
    return {QWIDGETSIZE_MAX, minimumOuterSizeHint().height()};
}

QStringList ColourBar::texts() const {
    const QString limit = formatShort(m_colours.limit());
    QStringList texts{m_colours.isSigned() ? QStringLiteral("≤ −") + limit : QStringLiteral("0"),
                      (m_colours.isSigned() ? QStringLiteral("≥ +") : QStringLiteral("≥ ")) + limit};
    for (const QString& more : {m_nothing, m_words})
        if (!more.isEmpty())
            texts << more;
    return texts;
}

void ColourBar::draw(QCPPainter* painter) {
    const QFontMetricsF metrics(m_font);
    const double height = metrics.height(), middle = mRect.top() + 0.5 * height;
    const int barWidth = std::clamp(m_above.width() / 5, 30, 120);
    const bool isSigned = m_colours.isSigned();
    painter->setFont(m_font);
    painter->setAntialiasing(false);
    double x = m_above.left();
    const auto write = [&](const QString& text) {
        const double width = metrics.horizontalAdvance(text);
        painter->setPen(m_palette.mutedText);
        painter->drawText(QRectF(x, mRect.top(), width + 2, height), Qt::AlignLeft | Qt::AlignVCenter, text);
        x += width;
    };
    const QStringList ends = texts().mid(0, 2);
    write(ends[0]);
    x += 5;
    for (int i = 0; i < barWidth; ++i) {
        const double share = static_cast<double>(i) / (barWidth - 1);
        const double value = (isSigned ? 2 * share - 1 : share) * m_colours.limit();
        painter->fillRect(QRectF(x + i, middle - 4, 1.2, 8), QColor::fromRgb(m_colours.of(static_cast<float>(value))));
    }
    if (isSigned) {  // neutral is zero
        painter->setPen(m_palette.text);
        painter->drawLine(QLineF(x + barWidth / 2, middle - 5, x + barWidth / 2, middle + 4));
    }
    x += barWidth + 5;
    write(ends[1]);
    // What the rest means, as far as there is room.
    const double right = m_above.right() + 8;
    const auto writeIfItFits = [&](const QString& text, double before) {
        const bool fits = !text.isEmpty() && x + before + metrics.horizontalAdvance(text) <= right;
        x += fits ? before : 0;
        if (fits)
            write(text);
        return fits;
    };
    const double swatch = x + 14;
    if (writeIfItFits(m_nothing, 14 + 14))
        painter->fillRect(QRectF(swatch, middle - 4, 9, 8), QColor::fromRgb(m_colours.ofNothing()));
    writeIfItFits(m_words, 14);
}

}  // namespace bnstudio
