// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/heat_image.h"

#include "ui/format.h"

#include <cmath>

namespace bnstudio {

void SignedColours::set(const Palette& palette, double limit) {
    m_limit = limit;
    for (int i = -half; i <= half; ++i) {
        const QColor& end = i < 0 ? palette.negative : palette.positive;
        m_table[static_cast<std::size_t>(i + half)] = blend(palette.neutral, end, std::abs(i) / double(half)).rgb();
    }
    m_nothing = blend(palette.panel, palette.faintText, 0.5).rgb();
}

QRgb SignedColours::of(float value) const {
    if (std::isnan(value))
        return m_nothing;
    const double scaled = std::clamp(static_cast<double>(value) / m_limit, -1.0, 1.0);
    return m_table[static_cast<std::size_t>(std::lround(scaled * half) + half)];
}

HeatImage::HeatImage(Chart& chart) : ChartItem(chart, QStringLiteral("main")) {}

void HeatImage::setBins(const HeatBins& bins) {
    if (m_image.width() != bins.columns() || m_image.height() != bins.rows())
        m_image = QImage(bins.columns(), bins.rows(), QImage::Format_RGB32);
    for (int row = 0; row < bins.rows(); ++row) {
        auto* pixel = reinterpret_cast<QRgb*>(m_image.scanLine(row));
        for (int column = 0; column < bins.columns(); ++column)
            pixel[column] = m_colours.of(bins.at(column, row));
    }
    const HeatBins::Window& window = bins.window();
    m_left = static_cast<double>(window.first) - 0.5;
    m_right = m_left + static_cast<double>(bins.columns() * bins.stepsPerColumn());
    // The last column may stand for steps that are still to come.
    m_top = static_cast<double>(window.low) - 0.5;
    m_bottom = m_top + static_cast<double>(bins.rows() * bins.channelsPerRow());
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

void ColourBar::set(const Palette& palette, const QFont& font, const SignedColours& colours, double limit,
                    const QString& words) {
    m_palette = palette;
    m_font = font;
    m_colours = colours;
    m_limit = limit;
    m_words = words;
}

QSize ColourBar::minimumOuterSizeHint() const {
    return {60, static_cast<int>(QFontMetricsF(m_font).height()) + 3};
}
QSize ColourBar::maximumOuterSizeHint() const {
    return {QWIDGETSIZE_MAX, minimumOuterSizeHint().height()};
}

void ColourBar::draw(QCPPainter* painter) {
    const QFontMetricsF metrics(m_font);
    const QString lowText = QStringLiteral("≤ −") + formatShort(m_limit),
                  highText = QStringLiteral("≥ +") + formatShort(m_limit);
    const double height = metrics.height(), middle = mRect.top() + 0.5 * height;
    painter->setFont(m_font);
    painter->setPen(m_palette.mutedText);
    double x = m_above.left();
    const auto write = [&](const QString& text) {
        const double width = metrics.horizontalAdvance(text);
        painter->drawText(QRectF(x, mRect.top(), width + 2, height), Qt::AlignLeft | Qt::AlignVCenter, text);
        x += width;
    };
    write(lowText);
    x += 5;
    const int barWidth = std::clamp(m_above.width() / 5, 30, 120);
    painter->setAntialiasing(false);
    for (int i = 0; i < barWidth; ++i) {
        const double value = (2.0 * i / (barWidth - 1) - 1) * m_limit;
        painter->fillRect(QRectF(x + i, middle - 4, 1.2, 8), QColor::fromRgb(m_colours.of(static_cast<float>(value))));
    }
    x += barWidth + 5;
    painter->setPen(m_palette.mutedText);
    write(highText);
    x += 14;
    if (x + metrics.horizontalAdvance(m_words) <= m_above.right() + 8)
        write(m_words);
}

}  // namespace bnstudio
