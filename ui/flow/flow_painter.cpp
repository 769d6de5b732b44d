// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_painter.h"

#include "ui/flow/flow_labels.h"
#include "ui/flow/flow_scale.h"
#include "ui/flow/flow_words.h"

#include <QFontMetrics>
#include <QPainter>

#include <algorithm>
#include <utility>

namespace bnstudio {

namespace {

QRect barsArea(const FlowGeometry& geometry, int index) {
    return index < 4 ? geometry.statistics()[static_cast<std::size_t>(index)].plot
                     : geometry.parameters()[static_cast<std::size_t>(index - 4)].plot;
}

bool hasBars(const FlowContent& content, int index) {
    return index < 4 ? content.statistics[static_cast<std::size_t>(index)].isShown()
                     : content.parameters[static_cast<std::size_t>(index - 4)].isShown();
}

void paintSelection(const FlowCanvas& canvas) {
    const FlowGeometry& geometry = canvas.geometry;
    if (canvas.content.matrix.isEmpty())
        return;
    const Palette& palette = canvas.look.palette;
    const std::int64_t column = canvas.look.selected.c;
    for (int i = 0; i < 3; ++i) {
        if (!canvas.content.maps[static_cast<std::size_t>(i)].isShown())
            continue;
        const QRect& cells = geometry.maps()[static_cast<std::size_t>(i)].cells;
        const QRect channel = geometry.columnRect(cells, column);
        if (!channel.isEmpty())
            paintDoubleOutline(canvas.painter, palette, channel, 1.0);
        const QRect cell = geometry.valueRect(i, canvas.look.selected);
        if (!cell.isEmpty())
            paintDoubleOutline(canvas.painter, palette, cell, canvas.look.hasFocus ? 2.2 : 1.7);
    }
    for (int i = 0; i < 6; ++i) {
        const QRect channel = geometry.columnRect(barsArea(geometry, i), column);
        if (!channel.isEmpty() && hasBars(canvas.content, i))
            paintDoubleOutline(canvas.painter, palette, channel.adjusted(0, -1, 0, 1), 1.0);
    }
}

/// The number that the calculation points at, underlaid by a dashed frame, so that it differs from the selection.
void paintPointed(const FlowCanvas& canvas) {
    if (!canvas.look.pointed)
        return;
    const FlowGeometry::Place& place = *canvas.look.pointed;
    const FlowGeometry& geometry = canvas.geometry;
    QRect rect;
    if (place.map >= 0 && place.row >= 0)
        rect = geometry.valueRect(place.map, canvas.content.matrix.cellAt(place.row, place.column, place.position));
    else
        rect = geometry.columnRect(place.map >= 0 ? geometry.maps()[static_cast<std::size_t>(place.map)].cells
                                                  : barsArea(geometry, place.bars),
                                   place.column);
    if (rect.isEmpty())
        return;
    const QRectF frame = QRectF(rect).adjusted(-3.5, -3.5, 3.5, 3.5);
    canvas.painter.setBrush(Qt::NoBrush);
    canvas.painter.setPen(QPen(canvas.look.palette.panel, 3));
    canvas.painter.drawRoundedRect(frame, 3, 3);
    canvas.painter.setPen(QPen(canvas.look.palette.text, 1.6, Qt::DashLine));
    canvas.painter.drawRoundedRect(frame, 3, 3);
}

/// The whole tensor as a small sheet, with the part in sight on it.
void paintMinimap(const FlowCanvas& canvas) {
    const FlowFrame& frame = canvas.geometry.frame();
    const QRect area = canvas.geometry.minimap();
    if (frame.matrix.isEmpty() || frame.window == CellWindow::all(frame.matrix) || area.height() < 8)
        return;
    const Palette& palette = canvas.look.palette;
    const auto part = [](std::int64_t first, std::int64_t count, std::int64_t total, int length) {
        const double from = double(first) / double(total) * length;
        return std::pair(from, std::max(double(count) / double(total) * length, 2.0));
    };
    const auto [x, width] = part(frame.window.firstColumn, frame.window.columns, frame.matrix.columns, area.width());
    const auto [y, height] = part(frame.window.firstRow, frame.window.rows, frame.matrix.rows(), area.height());
    canvas.painter.setPen(QPen(palette.population, 1));
    canvas.painter.setBrush(palette.field);
    canvas.painter.drawRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5));
    canvas.painter.setPen(Qt::NoPen);
    canvas.painter.setBrush(palette.accent);
    canvas.painter.drawRect(QRectF(area.left() + std::min(x, area.width() - width),
                                   area.top() + std::min(y, area.height() - height), width, height));
}

void paintHint(const FlowCanvas& canvas) {
    QPainter& painter = canvas.painter;
    const bool tells = !canvas.content.notice.isEmpty();
    painter.setFont(canvas.look.small);
    const QString& text = tells ? canvas.content.notice : canvas.look.hint;
    if (canvas.look.isPeeking || tells) {
        const int width =
            std::min(canvas.geometry.hint().width(), QFontMetrics(canvas.look.small).horizontalAdvance(text) + 24);
        QRect pill = canvas.geometry.hint();
        pill.setLeft(pill.center().x() - width / 2);
        pill.setWidth(width);
        painter.setPen(Qt::NoPen);
        painter.setBrush(canvas.look.isPeeking ? canvas.look.palette.accent : canvas.look.palette.accentSoft);
        painter.drawRoundedRect(pill.adjusted(0, -1, 0, 0), 6, 6);
    }
    painter.setPen(canvas.look.isPeeking ? canvas.look.palette.accentText
                   : tells               ? canvas.look.palette.text
                                         : canvas.look.palette.mutedText);
    paintElided(painter, canvas.geometry.hint(), Qt::AlignCenter, text);
}

}  // namespace

FlowFrame flowFrame(const FlowContent& content, const CellWindow& window, QSize size, const QFont& small,
                    const QFont& title) {
    const QFontMetrics metrics(small);
    FlowFrame frame;
    frame.size = size;
    frame.matrix = content.matrix;
    frame.window = window;
    frame.hasKey = content.mayHaveNotFinite;
    frame.line = metrics.height();
    frame.titleLine = QFontMetrics(title).height();
    frame.rowLabel = metrics.horizontalAdvance(widestRowLabel(frame.matrix, within(frame.matrix, window))) + 8
                     + (frame.matrix.canUnfold() ? foldMarkRoom : 0);
    frame.switchWord = 0;
    for (const bool trains : {true, false})
        frame.switchWord = std::max(frame.switchWord, metrics.horizontalAdvance(switchWord(trains)));
    const auto widen = [&](const FlowBars& bars) {
        frame.scaleLabel = std::max(frame.scaleLabel, metrics.horizontalAdvance(limitText(bars.limit)) + 4);
    };
    frame.scaleLabel = 0;
    std::for_each(content.statistics.begin(), content.statistics.end(), widen);
    std::for_each(content.parameters.begin(), content.parameters.end(), widen);
    return frame;
}

void paintFlow(const FlowCanvas& canvas) {
    canvas.painter.setRenderHint(QPainter::Antialiasing);
    canvas.painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
    paintWires(canvas);
    paintMaps(canvas);
    paintBars(canvas);
    paintSelection(canvas);
    paintPointed(canvas);
    paintMinimap(canvas);
    paintHint(canvas);
}

void paintDoubleOutline(QPainter& painter, const Palette& palette, const QRect& rect, double width) {
    const QRectF outer = QRectF(rect).adjusted(-0.5, -0.5, 0.5, 0.5);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(palette.panel, width + 2));
    painter.drawRect(outer);
    painter.setPen(QPen(palette.text, width));
    painter.drawRect(outer);
}

void paintVeil(const FlowCanvas& canvas, const QRect& area) {
    if (canvas.look.hovered < 0)
        return;
    QColor veil = canvas.look.palette.panel;
    veil.setAlphaF(0.62F);
    const QRect lit = canvas.geometry.columnRect(area, canvas.look.hovered);
    if (lit.isEmpty())
        return;
    canvas.painter.fillRect(QRect(area.topLeft(), QPoint(lit.left() - 1, area.bottom())), veil);
    canvas.painter.fillRect(QRect(QPoint(lit.right() + 1, area.top()), area.bottomRight()), veil);
}

void paintElided(QPainter& painter, const QRect& area, int flags, const QString& text) {
    painter.drawText(area, flags | Qt::TextSingleLine | Qt::TextDontClip,
                     painter.fontMetrics().elidedText(text, Qt::ElideRight, area.width()));
}

}  // namespace bnstudio
