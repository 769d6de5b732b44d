// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_matrix.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

constexpr int closestCell = 40;

struct Span {
    std::int64_t first, count;
};

Span within(std::int64_t total, Span span) {
    if (span.count <= 0)
        return {0, total};
    const std::int64_t count = std::min(span.count, total);
    return {std::clamp<std::int64_t>(span.first, 0, total - count), count};
}

Span zoomed(std::int64_t total, Span span, double factor, double at, int pixels) {
    if (total * roomyCell <= pixels)
        return {0, total};
    const auto fewest = std::min(total, std::max<std::int64_t>(1, pixels / closestCell));
    const auto wanted = static_cast<double>(span.count) / factor;
    // A step always changes something, also where a few cells are left.
    std::int64_t count = std::llround(wanted);
    if (count == span.count)
        count += factor > 1 ? -1 : 1;
    count = std::clamp(count, fewest, total);
    const double fixed = static_cast<double>(span.first) + at * static_cast<double>(span.count);
    return within(total, {std::llround(fixed - at * static_cast<double>(count)), count});
}

std::int64_t revealing(std::int64_t first, std::int64_t count, std::int64_t index) {
    return std::clamp(first, index - count + 1, index);
}

}  // namespace

FlowMatrix FlowMatrix::of(const Dims& shape) {
    if (shape.size() != 2 && shape.size() != 3)
        return {};
    const BatchShape batch = BatchShape::of(shape);
    return {batch.valuesPerChannel(), batch.c, std::max<std::int64_t>(batch.l, 1)};
}

bool FlowMatrix::contains(Cell cell) const {
    return cell.n >= 0 && cell.n < samples() && cell.c >= 0 && cell.c < columns && cell.l >= 0 && cell.l < positions;
}

CellWindow within(const FlowMatrix& matrix, CellWindow window) {
    const Span rows = within(matrix.rows, {window.firstRow, window.rows});
    const Span columns = within(matrix.columns, {window.firstColumn, window.columns});
    return {rows.first, rows.count, columns.first, columns.count};
}

CellWindow zoomed(const FlowMatrix& matrix, CellWindow window, double factor, double x, double y, int pixelWidth,
                  int pixelHeight) {
    const Span rows = zoomed(matrix.rows, {window.firstRow, window.rows}, factor, y, pixelHeight);
    const Span columns = zoomed(matrix.columns, {window.firstColumn, window.columns}, factor, x, pixelWidth);
    return {rows.first, rows.count, columns.first, columns.count};
}

CellWindow panned(const FlowMatrix& matrix, CellWindow window, std::int64_t rows, std::int64_t columns) {
    window.firstRow += rows;
    window.firstColumn += columns;
    return within(matrix, window);
}

CellWindow revealing(const FlowMatrix& matrix, CellWindow window, Cell cell) {
    window.firstRow = revealing(window.firstRow, window.rows, matrix.rowOf(cell));
    window.firstColumn = revealing(window.firstColumn, window.columns, cell.c);
    return within(matrix, window);
}

}  // namespace bnstudio
