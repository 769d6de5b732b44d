// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_matrix.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

constexpr int closestCell = 40;
// A first look at single positions must leave the rows of the other samples readable.
constexpr std::int64_t mostRowsAtFirst = 80;

struct Span {
    std::int64_t first, count;
};

Span within(std::int64_t total, Span span) {
    if (span.count <= 0)
        return {0, total};
    const std::int64_t count = std::min(span.count, total);
    return {std::clamp<std::int64_t>(span.first, 0, total - count), count};
}

/// @p values: how many of them stand side by side in one cell.
Span zoomed(std::int64_t total, std::int64_t values, Span span, double factor, double at, int pixels) {
    if (total * values * roomyCell <= pixels)
        return {0, total};
    const auto fewest = std::clamp<std::int64_t>(pixels / (closestCell * values), 1, total);
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
    if (shape.size() == 2)
        return {shape[0], shape[1], 1};
    if (shape.size() == 3)
        return {shape[0], shape[1], shape[2]};
    return {};
}

FlowMatrix::Row FlowMatrix::rowAt(std::int64_t row) const {
    if (!canUnfold())
        return {row, 0};
    if (!hasUnfolded() || row < unfolded)
        return {row, -1};
    if (row < unfolded + positions)
        return {unfolded, row - unfolded};
    return {row - positions + 1, -1};
}

std::int64_t FlowMatrix::rowOf(Cell cell) const {
    if (!hasUnfolded() || cell.n < unfolded)
        return cell.n;
    return cell.n == unfolded ? cell.n + cell.l : cell.n + positions - 1;
}

Cell FlowMatrix::cellAt(std::int64_t row, std::int64_t column, std::int64_t position) const {
    const Row place = rowAt(row);
    return {place.sample, column, place.isStrip() ? position : place.position};
}

bool FlowMatrix::contains(Cell cell) const {
    return cell.n >= 0 && cell.n < samples && cell.c >= 0 && cell.c < columns && cell.l >= 0 && cell.l < positions;
}

Cell FlowMatrix::cellOf(std::int64_t flat) const {
    return {flat / (columns * positions), flat / positions % columns, flat % positions};
}

std::int64_t unfoldedAtFirst(const FlowMatrix& matrix, std::int64_t sample) {
    return matrix.canUnfold() && matrix.samples + matrix.positions <= mostRowsAtFirst ? sample : -1;
}

Cell neighbour(const FlowMatrix& matrix, Cell cell, std::int64_t rows, std::int64_t channels) {
    const std::int64_t row = std::clamp<std::int64_t>(matrix.rowOf(cell) + rows, 0, matrix.rows() - 1);
    const std::int64_t column = std::clamp<std::int64_t>(cell.c + channels, 0, matrix.columns - 1);
    return matrix.cellAt(row, column, cell.l);
}

CellWindow within(const FlowMatrix& matrix, CellWindow window) {
    const Span rows = within(matrix.rows(), {window.firstRow, window.rows});
    const Span columns = within(matrix.columns, {window.firstColumn, window.columns});
    return {rows.first, rows.count, columns.first, columns.count};
}

CellWindow zoomed(const FlowMatrix& matrix, CellWindow window, double factor, double x, double y, int pixelWidth,
                  int pixelHeight) {
    const Span rows = zoomed(matrix.rows(), 1, {window.firstRow, window.rows}, factor, y, pixelHeight);
    const Span columns =
        zoomed(matrix.columns, matrix.positions, {window.firstColumn, window.columns}, factor, x, pixelWidth);
    return {rows.first, rows.count, columns.first, columns.count};
}

CellWindow panned(const FlowMatrix& matrix, CellWindow window, std::int64_t rows, std::int64_t columns) {
    window.firstRow += rows;
    window.firstColumn += columns;
    return within(matrix, window);
}

CellWindow refolded(const FlowMatrix& from, const FlowMatrix& to, CellWindow window) {
    if (window.cells() <= 0 || window == CellWindow::all(from))
        return CellWindow::all(to);
    window.firstRow = to.rowOf({from.rowAt(window.firstRow).sample, 0, 0});
    window = within(to, window);
    return to.hasUnfolded() ? revealing(to, window, {to.unfolded, window.firstColumn, 0}) : window;
}

CellWindow revealing(const FlowMatrix& matrix, CellWindow window, Cell cell) {
    window.firstRow = revealing(window.firstRow, window.rows, matrix.rowOf(cell));
    window.firstColumn = revealing(window.firstColumn, window.columns, cell.c);
    return within(matrix, window);
}

}  // namespace bnstudio
