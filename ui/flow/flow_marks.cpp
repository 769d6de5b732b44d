// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_marks.h"

#include "ui/flow/flow_scale.h"

#include <QFontMetrics>
#include <QPainter>

#include <vector>

namespace bnstudio {

namespace {

void paintHatch(QPainter& painter, const Palette& palette, const QRect& cell) {
    painter.fillRect(cell, palette.field);
    painter.fillRect(cell, QBrush(nanColor(palette), Qt::BDiagPattern));
}

void paintArrow(QPainter& painter, const QRect& cell, bool up, bool down) {
    const double size = std::clamp(std::min(cell.width(), cell.height()) * 0.35, 2.5, 8.0);
    const QPointF middle = QRectF(cell).center();
    const auto head = [&](double tip) {
        painter.drawLine(middle + QPointF(0, tip), middle + QPointF(-size * 0.7, tip * 0.3));
        painter.drawLine(middle + QPointF(0, tip), middle + QPointF(size * 0.7, tip * 0.3));
    };
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(Qt::black, std::max(1.2, size / 4)));  // legible on the colour of either theme
    painter.drawLine(middle + QPointF(0, -size), middle + QPointF(0, size));
    if (up)
        head(-size);
    if (down)
        head(size);
    painter.restore();
}

QString infinityText(const NotFinite& what) {
    const QString sign = what.posInf && what.negInf ? QStringLiteral("±")
                         : what.posInf              ? QStringLiteral("+")
                                                    : QStringLiteral("−");
    return sign + QStringLiteral("Inf");
}

}  // namespace

void paintNotFinite(QPainter& painter, const Palette& palette, const QRect& cell, const NotFinite& what) {
    if (what.nan && hasRoomForHatch(cell))
        return paintHatch(painter, palette, cell);
    if (what.any())
        painter.fillRect(cell, what.nan ? nanColor(palette) : infinityColor(palette));
    if (!what.nan && what.any() && hasRoomForArrow(cell))
        paintArrow(painter, cell, what.posInf, what.negInf);
}

void paintNotFiniteKey(QPainter& painter, const Palette& palette, const QFont& font, const QRect& area,
                       const NotFinite& what, const QRect& cell, int indent) {
    constexpr int gap = 4;
    const QFontMetrics metrics(font);
    struct Entry {
        NotFinite what;
        QString text;
        int side = 0, width = 0;
    };
    std::vector<Entry> entries;
    if (what.nan)
        entries.push_back({{true, false, false}, QStringLiteral("NaN")});
    if (what.posInf || what.negInf)
        entries.push_back({{false, what.posInf, what.negInf}, infinityText(what)});
    int needed = -2 * gap;
    for (Entry& each : entries) {
        const bool isMarked = each.what.nan ? hasRoomForHatch(cell) : hasRoomForArrow(cell);
        each.side = isMarked ? std::max(leastForArrow + 2, metrics.ascent()) : leastForArrow - 1;
        each.width = metrics.horizontalAdvance(each.text);
        needed += each.side + gap + each.width + 2 * gap;
    }
    int left = area.left() + std::clamp(area.width() - needed, 0, indent);
    painter.setFont(font);
    painter.setPen(palette.mutedText);
    for (const Entry& each : entries) {
        const QRect swatch(left, area.top() + (area.height() - each.side) / 2, each.side, each.side);
        if (swatch.right() > area.right())
            return;
        paintNotFinite(painter, palette, swatch, each.what);
        left = swatch.right() + gap;
        if (left + each.width > area.right() + 1)
            return;
        painter.drawText(QRect(left, area.top(), each.width + 1, area.height()), Qt::AlignVCenter | Qt::TextDontClip,
                         each.text);
        left += each.width + 2 * gap;
    }
}

}  // namespace bnstudio
