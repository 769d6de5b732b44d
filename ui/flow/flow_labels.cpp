// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_labels.h"

#include "ui/flow/flow_geometry.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

/// Whether labels name single rows of a batch with positions, not whole samples.
bool namesPositions(const FlowMatrix& matrix, const CellWindow& window) {
    return matrix.positions > 1 && window.rows <= 2 * matrix.positions;
}

QString rowText(const FlowMatrix& matrix, std::int64_t row, bool position) {
    const Cell cell = matrix.cellAt(row, 0);
    return position ? QStringLiteral("%1, %2").arg(cell.n).arg(cell.l) : QString::number(cell.n);
}

/// Every @p step-th of the things with @p size cells each, named by @p text; the selected one pushes others away.
template <class Text>
std::vector<FlowLabel> labels(std::int64_t first, std::int64_t count, std::int64_t size, int pixels, int room,
                              std::int64_t selected, const Text& text) {
    std::vector<FlowLabel> result;
    const double pixelsPerCell = count > 0 ? double(pixels) / double(count) : 0;
    const std::int64_t things = std::max<std::int64_t>(1, count / size);
    const std::int64_t step = labelStep(things, pixels, room);
    const auto middle = [&](std::int64_t thing) {
        const double from = double(std::max(thing * size, first) - first);
        const double to = double(std::min((thing + 1) * size, first + count) - first);
        return (from + to) / 2;
    };
    const bool hasSelected = selected >= first && selected < first + count;
    const double selectedAt = hasSelected ? middle(selected / size) : 0;
    const std::int64_t last = (first + count - 1) / size;
    for (std::int64_t thing = (first / size + step - 1) / step * step; thing <= last; thing += step) {
        const double at = middle(thing);
        if (!hasSelected || std::abs(at - selectedAt) * pixelsPerCell >= room)
            result.push_back({at, text(thing), false});
    }
    if (hasSelected)
        result.push_back({selectedAt, text(selected / size), true});
    return result;
}

}  // namespace

std::vector<FlowLabel> rowLabels(const FlowMatrix& matrix, const CellWindow& window, int pixels, int room,
                                 std::int64_t selectedRow) {
    if (matrix.isEmpty())
        return {};
    const bool positions = namesPositions(matrix, window);
    const std::int64_t size = positions ? 1 : matrix.positions;
    return labels(window.firstRow, window.rows, size, pixels, room, selectedRow,
                  [&](std::int64_t thing) { return rowText(matrix, thing * size, positions); });
}

std::vector<FlowLabel> columnLabels(const CellWindow& window, int pixels, int room, std::int64_t selectedColumn) {
    if (window.columns <= 0)
        return {};
    return labels(window.firstColumn, window.columns, 1, pixels, room, selectedColumn,
                  [](std::int64_t column) { return QString::number(column); });
}

QString widestRowLabel(const FlowMatrix& matrix, const CellWindow& window) {
    if (matrix.isEmpty())
        return QStringLiteral("0");
    QString text = QString::number(matrix.samples() - 1);
    if (namesPositions(matrix, window))
        text += QStringLiteral(", %1").arg(matrix.positions - 1);
    text.replace(u'1', u'0');
    return text;
}

}  // namespace bnstudio
