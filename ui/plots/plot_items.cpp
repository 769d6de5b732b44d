// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_items.h"

#include <cmath>
#include <limits>

namespace bnstudio {

ChartItem::ChartItem(Chart& chart, const QString& layer, bool clip) : QCPAbstractItem(&chart.plot()), m_chart(chart) {
    setLayer(layer);
    setClipToAxisRect(clip);
    setClipAxisRect(&chart.rect());
    setSelectable(false);
}

PlayheadItem::PlayheadItem(Chart& chart) : ChartItem(chart, QStringLiteral("playhead")) {}

void PlayheadItem::setLook(const Palette& palette, bool hatched, double offset) {
    m_line = palette.text;
    m_veil = palette.panel;
    m_veil.setAlphaF(palette.dark ? 0.68F : 0.7F);
    m_hatch = palette.faintText;
    m_hatch.setAlphaF(0.45F);
    m_hatched = hatched;
    m_offset = offset;
}

double PlayheadItem::pixel() const {
    return std::max(chart().x().coordToPixel(static_cast<double>(m_step) + m_offset), area().left() - 1);
}

void PlayheadItem::draw(QCPPainter* painter) {
    const double at = std::round(pixel());
    const double head = chart().x().coordToPixel(static_cast<double>(m_head) - 1 + m_offset);
    const double end = std::min(std::round(head), area().right() + 1);
    const QRectF after(QPointF(at, area().top()), QPointF(end, area().bottom() + 1));
    if (after.width() > 0) {
        painter->fillRect(after, m_veil);
        if (m_hatched)
            painter->fillRect(after, QBrush(m_hatch, Qt::BDiagPattern));
    }
    painter->setAntialiasing(false);
    painter->setPen(QPen(m_line, 1));
    const double line = std::max(at, area().left());
    painter->drawLine(QLineF(line, area().top(), line, area().bottom()));
}

EventMarks::EventMarks(Chart& chart) : ChartItem(chart, QStringLiteral("grid")) {}

void EventMarks::draw(QCPPainter* painter) {
    constexpr int mostLines = 40;
    std::vector<int> columns;
    for (const std::int64_t step : m_steps) {
        const double pixel = chart().x().coordToPixel(static_cast<double>(step));
        if (pixel < area().left() || pixel > area().right())
            continue;
        if (columns.empty() || columns.back() != static_cast<int>(pixel))
            columns.push_back(static_cast<int>(pixel));
    }
    const bool crowded = columns.size() > mostLines;
    painter->setAntialiasing(false);
    QPen pen(m_color, 1);
    if (!crowded)
        pen.setDashPattern({1, 2});
    painter->setPen(pen);
    const double bottom = crowded ? area().top() + 4 : area().bottom();
    for (const int column : columns)
        painter->drawLine(QLineF(column, area().top(), column, bottom));
}

FloorMark::FloorMark(Chart& chart) : ChartItem(chart, QStringLiteral("grid")) {}

void FloorMark::draw(QCPPainter* painter) {
    if (m_floor <= 0)
        return;
    const double y = std::round(chart().y().coordToPixel(m_floor));
    QPen pen(m_color, 1);
    pen.setDashPattern({6, 3});
    painter->setAntialiasing(false);
    painter->setPen(pen);
    painter->drawLine(QLineF(area().left(), y, area().right(), y));
}

EndLabels::EndLabels(Chart& chart) : ChartItem(chart, QStringLiteral("overlay"), false) {}

void EndLabels::draw(QCPPainter* painter) {
    painter->setFont(m_font);
    const double height = QFontMetricsF(m_font).height() - 2;
    std::vector<double> taken;
    for (const Label& label : m_labels) {
        const double x = chart().x().coordToPixel(label.at.x());
        const double wanted = chart().y().coordToPixel(label.at.y());
        if (wanted < area().top() - 1 || wanted > area().bottom() + 1 || x < area().left() || x > area().right() + 1)
            continue;
        // The nearest place of a line's height that is still free, at most three lines away.
        double y = wanted;
        const auto isFree = [&](double at) {
            return at >= area().top() && at <= area().bottom()
                   && std::none_of(taken.begin(), taken.end(),
                                   [&](double other) { return std::abs(other - at) < height; });
        };
        for (int i = 1; !isFree(y) && i <= 12; ++i)
            y = wanted + (i % 2 ? 1 : -1) * ((i + 1) / 2) * height * 0.5;
        if (!isFree(y))
            continue;
        taken.push_back(y);
        QFont font = m_font;
        if (label.bold)
            font.setWeight(QFont::DemiBold);
        painter->setFont(font);
        painter->setPen(label.color);
        painter->drawText(QRectF(x + 4, y - height, 80, 2 * height), Qt::AlignLeft | Qt::AlignVCenter, label.text);
    }
}

ValueMarker::ValueMarker(Chart& chart)
    : ChartItem(chart, QStringLiteral("overlay")), m_x(std::numeric_limits<double>::quiet_NaN()) {}

void ValueMarker::set(double x, const QString& text, const QColor& line, const QColor& textColor, const QFont& font) {
    m_x = x;
    m_text = text;
    m_line = line;
    m_textColor = textColor;
    m_font = font;
}

void ValueMarker::draw(QCPPainter* painter) {
    if (!std::isfinite(m_x))
        return;
    const double x = std::round(chart().x().coordToPixel(m_x));
    if (x < area().left() || x > area().right())
        return;
    painter->setAntialiasing(false);
    painter->setPen(QPen(m_line, 2));
    painter->drawLine(QLineF(x, area().top(), x, area().bottom()));
    painter->setFont(m_font);
    painter->setPen(m_textColor);
    const double width = QFontMetricsF(m_font).horizontalAdvance(m_text);
    const bool right = x + 6 + width < area().right();
    const double left = right ? x + 5 : x - 5 - width;
    painter->drawText(QRectF(left, area().top() - 1, width + 2, QFontMetricsF(m_font).height()),
                      Qt::AlignLeft | Qt::AlignTop, m_text);
}

SelectionOutline::SelectionOutline(Chart& chart, const QString& layer) : ChartItem(chart, layer, false) {}

void SelectionOutline::setCells(double left, double right, double bottom, double top) {
    m_left = left, m_right = right, m_bottom = bottom, m_top = top;
    m_shown = true;
}

void SelectionOutline::draw(QCPPainter* painter) {
    if (!m_shown)
        return;
    const auto pixel = [](const QCPAxis& axis, double value, double low, double high) {
        return std::isfinite(value) ? axis.coordToPixel(value) : value < 0 ? low : high;
    };
    const double x0 = pixel(chart().x(), m_left, area().left(), area().right());
    const double x1 = pixel(chart().x(), m_right, area().left(), area().right());
    const double y0 = pixel(chart().y(), m_bottom, area().bottom(), area().top());
    const double y1 = pixel(chart().y(), m_top, area().bottom(), area().top());
    QRectF box = QRectF(QPointF(x0, y0), QPointF(x1, y1)).normalized();
    constexpr double least = 4;
    if (box.width() < least)
        box.adjust(-(least - box.width()) / 2, 0, (least - box.width()) / 2, 0);
    if (box.height() < least)
        box.adjust(0, -(least - box.height()) / 2, 0, (least - box.height()) / 2);
    box = box.intersected(area());
    if (box.isEmpty())
        return;
    painter->setAntialiasing(false);
    painter->setBrush(Qt::NoBrush);
    const QRect outer = box.toAlignedRect();
    painter->setPen(QPen(m_inner, 1));
    painter->drawRect(outer);
    painter->setPen(QPen(m_outer, 1));
    painter->drawRect(outer.adjusted(-1, -1, 1, 1));
}

}  // namespace bnstudio
