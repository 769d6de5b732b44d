// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/calculation.h"
#include "core/tensor/tensor.h"

namespace bnstudio {

/// A batch as BatchNorm1d pools it: a column a channel, in it the N·L values that share a mean and a variance. Position
/// l runs fastest, so that L folds out below each sample. An (N, C) batch is this very matrix.
struct FlowMatrix {
    std::int64_t rows = 0, columns = 0;
    std::int64_t positions = 1;  ///< L

    /// Empty for a shape that is neither (N, C) nor (N, C, L).
    static FlowMatrix of(const Dims& shape);
    bool isEmpty() const { return rows <= 0 || columns <= 0; }
    std::int64_t samples() const { return positions > 0 ? rows / positions : 0; }
    Cell cellAt(std::int64_t row, std::int64_t column) const { return {row / positions, column, row % positions}; }
    std::int64_t rowOf(Cell cell) const { return cell.n * positions + cell.l; }
    bool contains(Cell cell) const;
    /// Index of a cell in the tensor's memory.
    std::int64_t flat(Cell cell) const { return (cell.n * columns + cell.c) * positions + cell.l; }
    bool operator==(const FlowMatrix&) const = default;
};

/// A part of the matrix: what zooming leaves in sight.
struct CellWindow {
    std::int64_t firstRow = 0, rows = 0, firstColumn = 0, columns = 0;
    static CellWindow all(const FlowMatrix& matrix) { return {0, matrix.rows, 0, matrix.columns}; }
    bool hasRow(std::int64_t row) const { return row >= firstRow && row < firstRow + rows; }
    bool hasColumn(std::int64_t column) const { return column >= firstColumn && column < firstColumn + columns; }
    std::int64_t cells() const { return rows * columns; }
    bool operator==(const CellWindow&) const = default;
};

/// Moves and shrinks a window into the matrix; one that is empty becomes the whole.
CellWindow within(const FlowMatrix& matrix, CellWindow window);

/// The axis of an area of @p pixels is crowded when its cells are narrower than a person can aim at.
inline constexpr int roomyCell = 12;
/// Zooms by @p factor (above 1: closer) and keeps the cell at the fractions @p x, @p y of the window in its place. Only
/// axes on which the whole matrix is crowded zoom, and not closer than cells of about 40 pixels.
CellWindow zoomed(const FlowMatrix& matrix, CellWindow window, double factor, double x, double y, int pixelWidth,
                  int pixelHeight);
CellWindow panned(const FlowMatrix& matrix, CellWindow window, std::int64_t rows, std::int64_t columns);
/// The nearest window of the same size that has the cell in sight.
CellWindow revealing(const FlowMatrix& matrix, CellWindow window, Cell cell);

}  // namespace bnstudio
