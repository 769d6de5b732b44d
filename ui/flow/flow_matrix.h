// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/calculation.h"
#include "core/tensor/tensor.h"

namespace bnstudio {

/// A batch as BatchNorm1d pools it: a column a channel, in it the N·L values that share a mean and a variance. A row is
/// a sample, whose positions l stand side by side as a strip within the column of each channel; one sample may be folded
/// out into L rows, a row a position. The rows of an (N, C) batch are those of the tensor.
struct FlowMatrix {
    std::int64_t samples = 0, columns = 0;
    std::int64_t positions = 1;  ///< L
    std::int64_t unfolded = -1;  ///< sample that is folded out; −1: none

    /// What a row shows: one position of a sample, or all of them.
    struct Row {
        std::int64_t sample = 0, position = 0;  ///< −1: a strip of all
        bool isStrip() const { return position < 0; }
    };

    /// Empty for a shape that is neither (N, C) nor (N, C, L).
    static FlowMatrix of(const Dims& shape);
    bool isEmpty() const { return samples <= 0 || columns <= 0 || positions <= 0; }
    std::int64_t rows() const { return isEmpty() ? 0 : samples + (hasUnfolded() ? positions - 1 : 0); }
    std::int64_t valuesPerChannel() const { return samples * positions; }
    bool canUnfold() const { return positions > 1; }
    bool hasUnfolded() const { return canUnfold() && unfolded >= 0 && unfolded < samples; }
    bool isUnfoldedRow(std::int64_t row) const {
        return hasUnfolded() && row >= unfolded && row < unfolded + positions;
    }
    Row rowAt(std::int64_t row) const;
    std::int64_t rowOf(Cell cell) const;
    /// @p position counts in strips only; other rows have their own.
    Cell cellAt(std::int64_t row, std::int64_t column, std::int64_t position = 0) const;
    bool contains(Cell cell) const;
    /// Index of a cell in the tensor's memory, and the cell at an index.
    std::int64_t flat(Cell cell) const { return (cell.n * columns + cell.c) * positions + cell.l; }
    Cell cellOf(std::int64_t flat) const;
    bool operator==(const FlowMatrix&) const = default;
};

/// The sample that is folded out before anyone chose one: @p sample where all rows together stay few, else none.
std::int64_t unfoldedAtFirst(const FlowMatrix& matrix, std::int64_t sample);
/// The cell that is @p rows below and @p channels right of @p cell, as far as there are any. A step onto a strip keeps l.
Cell neighbour(const FlowMatrix& matrix, Cell cell, std::int64_t rows, std::int64_t channels);

/// A part of the matrix: what zooming leaves in sight.
struct CellWindow {
    std::int64_t firstRow = 0, rows = 0, firstColumn = 0, columns = 0;
    static CellWindow all(const FlowMatrix& matrix) { return {0, matrix.rows(), 0, matrix.columns}; }
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
/// The same samples in sight after another one was folded out, or none; what is folded out now comes into sight.
CellWindow refolded(const FlowMatrix& from, const FlowMatrix& to, CellWindow window);
/// The nearest window of the same size that has the cell in sight.
CellWindow revealing(const FlowMatrix& matrix, CellWindow window, Cell cell);

}  // namespace bnstudio
