// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_geometry.h"

#include "ui/flow/flow_bins.h"

#include <algorithm>
#include <utility>

namespace bnstudio {

namespace {

// A tensor of a few values would otherwise have cells like posters.
constexpr int widestCell = 72, highestCell = 34;
constexpr int colourBar = 7, space = 4, margin = 8;
constexpr int leastLinesForSubtitles = 13;  // of text, that the whole flow must be high
constexpr int leastArrow = 18, leastWires = 46, leastColumn = 36;
constexpr int switchPadding = 7;

int edge(int start, int length, std::int64_t index, std::int64_t count) {
    return start + static_cast<int>(index * length / std::max<std::int64_t>(count, 1));
}

bool hasSubtitles(const FlowFrame& frame) {
    return frame.size.height() >= leastLinesForSubtitles * frame.line;
}

/// Around the words of the switch there is room on either side.
int leastWiresOf(const FlowFrame& frame) {
    return std::max(leastWires, frame.switchWord + 2 * switchPadding + 6 + space);
}

int cappedLength(int length, std::int64_t cells, int cap) {
    return cells > 0 && cells * cap < length ? static_cast<int>(cells) * cap : length;
}

}  // namespace

FlowGeometry::FlowGeometry(const FlowFrame& frame) : m_frame(frame) {
    m_frame.window = within(frame.matrix, frame.window);
    const int height = frame.size.height(), line = frame.line;
    const bool subtitles = hasSubtitles(frame);
    m_hint = QRect(0, height - line, frame.size.width(), line);
    m_top = frame.titleLine + (subtitles ? line : 0) + space;
    const int key = frame.hasKey ? line : 0;
    m_bottom = std::max(m_top + 1, m_hint.top() - space - (line + colourBar + 1) - space - line - key);
    placeColumns();
}

QSize FlowGeometry::leastSize(const FlowFrame& frame) {
    const int fixed =
        3 * frame.rowLabel + 2 * frame.scaleLabel + 3 * leastArrow + leastWiresOf(frame) + 4 * space + margin;
    const int bars = 4 * (2 * frame.line + 6) + frame.line + 2;
    return {fixed + 5 * leastColumn, frame.titleLine + 2 * frame.line + 2 * space + bars};
}

// Five columns share what the labels and arrows between them leave: three maps and two of bars.
void FlowGeometry::placeColumns() {
    const int width = m_frame.size.width();
    const int arrow = std::clamp(width / 26, leastArrow, 36);
    const int least = leastWiresOf(m_frame);
    const int wires = std::clamp(width / 13, least, std::max(least, 70));
    const int fixed = 3 * m_frame.rowLabel + 2 * m_frame.scaleLabel + 3 * arrow + wires + 4 * space + margin;
    const int column = std::max(16, (width - fixed) / 5);
    int left = 0;
    const auto next = [&left](int length) { return std::exchange(left, left + length); };
    const auto map = [&](int index) {
        next(m_frame.rowLabel);
        placeMap(m_maps[static_cast<std::size_t>(index)], next(column), column);
    };
    map(0);
    next(arrow + space);
    const int statistics = next(column);
    next(m_frame.scaleLabel + space);
    const int switchLeft = next(wires);
    map(1);
    next(arrow + space);
    const int parameters = next(column);
    next(m_frame.scaleLabel + arrow + space);
    map(2);
    m_switch = QRect(switchLeft, m_top, wires - space, m_hint.top() - space - m_top);

    const int gap = m_frame.line + 2;  // for the words about the update
    m_slotHeight = std::max(m_frame.line + 6, (m_hint.top() - space - m_top - gap) / 4);
    for (int i = 0; i < 6; ++i) {
        Bars& bars = i < 4 ? m_statistics[static_cast<std::size_t>(i)] : m_parameters[static_cast<std::size_t>(i - 4)];
        const int row = i < 4 ? i : i - 4;
        const int top = m_top + row * m_slotHeight + (row >= 2 ? gap : 0);
        const int barsLeft = i < 4 ? statistics : parameters;
        const int barsWidth = cappedLength(column, m_frame.window.columns * m_frame.matrix.positions, widestCell);
        bars.label = QRect(barsLeft, top, column + m_frame.scaleLabel, m_frame.line);
        const int spare = m_slotHeight < 2 * m_frame.line ? 4 : 8;  // above and below bars
        bars.plot = QRect(barsLeft, top + m_frame.line + spare / 2 - 1, barsWidth, m_slotHeight - m_frame.line - spare);
        bars.scale = QRect(barsLeft + barsWidth + 2, bars.plot.top(), m_frame.scaleLabel - 2,
                           std::min(m_frame.line, bars.plot.height()));
    }
    m_updateLabel = QRect(statistics, m_top + 2 * m_slotHeight - 2, column + m_frame.scaleLabel, gap);
}

void FlowGeometry::placeMap(Map& map, int left, int width) {
    const int line = m_frame.line;
    const bool subtitles = hasSubtitles(m_frame);
    const QSize cells(cappedLength(width, m_frame.window.columns * m_frame.matrix.positions, widestCell),
                      cappedLength(m_bottom - m_top, m_frame.window.rows, highestCell));
    // A map of a few cells stands in the middle, where the arrows are.
    const int down = (m_bottom - m_top - cells.height()) / 2;
    map.cells = QRect(QPoint(left + (width - cells.width()) / 2, m_top + down), cells);
    // Titles may reach over the row numbers on their left and as far to the right.
    map.title = QRect(left - m_frame.rowLabel, down, width + 2 * m_frame.rowLabel, m_frame.titleLine);
    map.title.setRight(std::min(map.title.right(), m_frame.size.width() - 1));
    map.subtitle = subtitles ? map.title.translated(0, m_frame.titleLine) : QRect();
    if (subtitles)
        map.subtitle.setHeight(line);
    map.rowLabels =
        QRect(map.cells.left() - m_frame.rowLabel, map.cells.top(), m_frame.rowLabel - 5, map.cells.height());
    map.columnLabels = QRect(map.cells.left(), map.cells.bottom() + 2, map.cells.width(), line);
    map.scale = QRect(left, map.columnLabels.bottom() + 1 + space, width, colourBar + 1 + line);
    if (m_frame.hasKey)
        map.key = QRect(left - m_frame.rowLabel, map.scale.bottom() + 1, width + m_frame.rowLabel, line);
    if (&map == &m_maps.front()) {
        const int side = m_top - 2 * space;
        m_minimap = QRect(0, 2, std::min(side, m_frame.rowLabel + width / 4), side);
    }
}

QRect FlowGeometry::switchLabel(int index) const {
    const int height = m_frame.line + 4;
    const int y = index == 0 ? batchPort().y() - height - 2 : runningPort().y() + 4;
    return {m_switch.left() + 2, std::clamp(y, m_switch.top(), m_switch.bottom() - height), m_switch.width() - 6,
            height};
}

QPoint FlowGeometry::batchPort() const {
    return {m_switch.left(), m_statistics[1].label.top() - 2};
}

QPoint FlowGeometry::runningPort() const {
    return {m_switch.left(), m_statistics[3].label.top() - 2};
}

QPoint FlowGeometry::xhatPort() const {
    return {m_switch.right(), (batchPort().y() + runningPort().y()) / 2};
}

QRect FlowGeometry::columnRect(const QRect& area, std::int64_t column) const {
    const CellWindow& window = m_frame.window;
    if (!window.hasColumn(column))
        return {};
    const int left = edge(area.left(), area.width(), column - window.firstColumn, window.columns);
    const int right = edge(area.left(), area.width(), column - window.firstColumn + 1, window.columns);
    return {left, area.top(), std::max(right - left, 1), area.height()};
}

int FlowGeometry::rowEdge(std::int64_t row) const {
    const CellWindow& window = m_frame.window;
    const QRect& cells = m_maps.front().cells;
    return edge(cells.top(), cells.height(), row - window.firstRow, window.rows);
}

QRect FlowGeometry::cellRect(int map, std::int64_t row, std::int64_t column) const {
    const CellWindow& window = m_frame.window;
    const QRect& cells = m_maps[static_cast<std::size_t>(map)].cells;
    if (!window.hasRow(row) || !window.hasColumn(column))
        return {};
    QRect rect = columnRect(cells, column);
    rect.setTop(rowEdge(row));
    rect.setHeight(std::max(rowEdge(row + 1) - rect.top(), 1));
    return rect;
}

QRect FlowGeometry::valueRect(int map, Cell cell) const {
    const FlowMatrix& matrix = m_frame.matrix;
    const std::int64_t row = matrix.rowOf(cell);
    const QRect rect = cellRect(map, row, cell.c);
    if (rect.isEmpty() || !matrix.rowAt(row).isStrip())
        return rect;
    const int width = rect.width() - channelGap(rect.width());
    const int left = edge(rect.left(), width, cell.l, matrix.positions);
    const int right = edge(rect.left(), width, cell.l + 1, matrix.positions);
    return {left, rect.top(), std::max(right - left, 1), rect.height()};
}

QRect FlowGeometry::headRect(int map, std::int64_t sample) const {
    const FlowMatrix& matrix = m_frame.matrix;
    const CellWindow& window = m_frame.window;
    const std::int64_t first = std::max(matrix.rowOf({sample, 0, 0}), window.firstRow);
    const std::int64_t last =
        std::min(matrix.rowOf({sample, 0, matrix.positions - 1}), window.firstRow + window.rows - 1);
    if (first > last)
        return {};
    QRect rect = m_maps[static_cast<std::size_t>(map)].rowLabels;
    rect.setTop(rowEdge(first));
    rect.setHeight(std::max(rowEdge(last + 1) - rect.top(), 1));
    return rect;
}

/// The inverse of edge(): the last cell that begins at or before the pixel.
std::int64_t FlowGeometry::indexAt(int offset, int length, std::int64_t first, std::int64_t count) const {
    const std::int64_t index = ((offset + 1) * count - 1) / std::max(length, 1);
    return first + std::clamp<std::int64_t>(index, 0, count - 1);
}

std::optional<FlowGeometry::Place> FlowGeometry::at(QPoint point) const {
    const CellWindow& window = m_frame.window;
    if (m_frame.matrix.isEmpty())
        return std::nullopt;
    const auto columnAt = [&](const QRect& area) {
        return indexAt(point.x() - area.left(), area.width(), window.firstColumn, window.columns);
    };
    for (int i = 0; i < 3; ++i) {
        const QRect& cells = m_maps[static_cast<std::size_t>(i)].cells;
        if (cells.contains(point)) {
            Place place{i, -1, rowUnder(point.y()), columnAt(cells), 0};
            const FlowMatrix::Row row = m_frame.matrix.rowAt(place.row);
            const QRect cell = columnRect(cells, place.column);
            place.position = row.isStrip() ? indexAt(point.x() - cell.left(), cell.width() - channelGap(cell.width()),
                                                     0, m_frame.matrix.positions)
                                           : row.position;
            return place;
        }
    }
    for (int i = 0; i < 6; ++i) {
        const QRect& plot =
            i < 4 ? m_statistics[static_cast<std::size_t>(i)].plot : m_parameters[static_cast<std::size_t>(i - 4)].plot;
        if (plot.contains(point))
            return Place{-1, i, -1, columnAt(plot)};
    }
    return std::nullopt;
}

std::optional<std::int64_t> FlowGeometry::headAt(QPoint point) const {
    if (!m_frame.matrix.canUnfold() || m_frame.matrix.isEmpty())
        return std::nullopt;
    for (const Map& map : m_maps)
        if (map.rowLabels.contains(point))
            return m_frame.matrix.rowAt(rowUnder(point.y())).sample;
    return std::nullopt;
}

std::int64_t FlowGeometry::rowUnder(int y) const {
    const QRect& cells = m_maps.front().cells;
    return indexAt(y - cells.top(), cells.height(), m_frame.window.firstRow, m_frame.window.rows);
}

std::int64_t labelStep(std::int64_t count, int pixels, int room) {
    std::int64_t power = 1;
    for (;;) {
        for (const std::int64_t step : {1, 2, 5})
            if (step * power >= count || step * power * pixels >= count * room)
                return step * power;
        power *= 10;
    }
}

}  // namespace bnstudio
