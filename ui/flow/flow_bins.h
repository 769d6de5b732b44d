// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/snapshot.h"
#include "ui/flow/flow_matrix.h"

#include <limits>
#include <span>
#include <stop_token>

namespace bnstudio {

/// The tensors of a step that a heat map can show. All but x and dy are affine in them, channel by channel, and are
/// evaluated cell by cell.
enum class FlowMap { X, Xhat, Y, Dy, GradXhat, GradX };

/// Whether the frame has what the map needs.
bool hasValues(const Frame& frame, FlowMap map);
/// One value, rounded as PyTorch would store it (x̂ is not stored and not rounded).
double flowValue(const Frame& frame, FlowMap map, Cell cell);

/// A window divided into at most as many bins as there are pixels. Bin i of k covers rows or channels ⌊i·count/k⌋ up to
/// ⌊(i+1)·count/k⌋ of the window; where every channel has a bin of its own, it may be parted further along L.
struct BinGrid {
    FlowMatrix matrix;
    CellWindow window;
    int rows = 0, columns = 0;
    int strips = 1;  ///< bins of a channel along L

    static BinGrid fitting(const FlowMatrix& matrix, const CellWindow& window, int pixelColumns, int pixelRows);
    int width() const { return columns * strips; }
    bool isExact() const { return rows == window.rows && columns == window.columns && strips == matrix.positions; }
    std::int64_t rowStart(int bin) const { return window.firstRow + bin * window.rows / rows; }
    std::int64_t columnStart(int bin) const { return window.firstColumn + bin * window.columns / columns; }
    /// Where bin @p across of width() begins within the memory of a sample, in which the positions of a channel are
    /// neighbours: c·L + l.
    std::int64_t start(int across) const {
        return columnStart(across / strips) * matrix.positions + across % strips * matrix.positions / strips;
    }
    /// The bin that a cell of the window is in.
    int rowBin(std::int64_t row) const { return binOf(row - window.firstRow, window.rows, rows); }
    int acrossBin(std::int64_t column, std::int64_t position) const {
        return binOf(column - window.firstColumn, window.columns, columns) * strips
               + binOf(position, matrix.positions, strips);
    }
    /// A row of bins is one position of the unfolded sample, for which the bins of a channel all hold the same value.
    bool isPosition(int row) const {
        return rowStart(row + 1) - rowStart(row) == 1 && matrix.isUnfoldedRow(rowStart(row));
    }
    bool operator==(const BinGrid&) const = default;

private:
    /// The inverse of the starts: the last bin that begins at or before the index.
    static int binOf(std::int64_t index, std::int64_t count, int bins) {
        return static_cast<int>(((index + 1) * bins - 1) / count);
    }
};

/// Pixels between channels of @p width pixels each; narrow ones have none.
int channelGap(int width);

/// What the values of a bin are: extremes and mean of the finite ones, and whether others are among them.
struct Bin {
    double low = std::numeric_limits<double>::infinity(), high = -low;  ///< low > high where no value is finite
    double sum = 0;
    std::uint32_t finite = 0;
    bool nan = false, posInf = false, negInf = false;

    void add(double value);
    double mean() const;
    /// A single value lies farther from zero than @p limit; of several, one lies so far beyond it that it is no part of
    /// an ordinary crowd, for which limits of three standard deviations are made.
    bool exceeds(double limit) const;
    /// Of low and high the one farther from zero.
    double extreme() const { return -low > high ? low : high; }
};

struct BinnedMap {
    BinGrid grid;
    std::vector<Bin> bins;  ///< row by row, grid.width() each
    bool isSample = false;  ///< made of some values only
    const Bin& at(int row, int across) const {
        return bins[static_cast<std::size_t>(row) * static_cast<std::size_t>(grid.width())
                    + static_cast<std::size_t>(across)];
    }
};

/// Which values that are no numbers a map has in sight.
struct NotFinite {
    bool nan = false, posInf = false, negInf = false;
    bool any() const { return nan || posInf || negInf; }
    bool operator==(const NotFinite&) const = default;
};
NotFinite notFiniteOf(const BinnedMap& map);

/// Bins of several maps of one frame in one pass over the window. Every map must have values. Throws Error(Cancelled).
std::vector<BinnedMap> binFrame(const Frame& frame, std::span<const FlowMap> maps, const BinGrid& grid,
                                const std::stop_token& stop = {});
/// The same from at most @p reads elements, evenly spaced within each bin (but at least one a bin): a preview.
std::vector<BinnedMap> sampleFrame(const Frame& frame, std::span<const FlowMap> maps, const BinGrid& grid,
                                   std::int64_t reads);

/// A row of bars as columns of pixels: for each the extremes of the channels in it.
std::vector<Bin> binColumns(std::span<const double> values, std::int64_t first, std::int64_t count, int pixels);

}  // namespace bnstudio
