// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_bins.h"

#include "ui/flow/flow_elements.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {

void Bin::add(double value) {
    if (std::isfinite(value)) {
        low = std::min(low, value);
        high = std::max(high, value);
        sum += value;
        ++finite;
    } else if (std::isnan(value)) {
        nan = true;
    } else {
        (value > 0 ? posInf : negInf) = true;
    }
}

bool hasValues(const Frame& frame, FlowMap map) {
    if (FlowMatrix::of(frame.x.shape()).isEmpty() || frame.x.size() == 0)
        return false;
    if (map != FlowMap::X && frame.transforms.size() != static_cast<std::size_t>(frame.x.shape()[1]))
        return false;
    return !needsGradient(map) || frame.gradOutput.size() == frame.x.size();
}

double flowValue(const Frame& frame, FlowMap map, Cell cell) {
    const std::int64_t flat = FlowMatrix::of(frame.x.shape()).flat(cell);
    const bool narrow = frame.x.dtype() == DType::Float32;
    const double value =
        narrow ? Elements<float>(frame).value(map, flat, cell.c) : Elements<double>(frame).value(map, flat, cell.c);
    return narrow && map != FlowMap::Xhat ? static_cast<double>(static_cast<float>(value)) : value;
}

BinGrid BinGrid::fitting(const FlowMatrix& matrix, const CellWindow& window, int pixelColumns, int pixelRows) {
    const auto bins = [](std::int64_t cells, int pixels) {
        return static_cast<int>(std::min<std::int64_t>(cells, std::max(pixels, 1)));
    };
    BinGrid grid{matrix, window, bins(window.rows, pixelRows), bins(window.columns, pixelColumns)};
    if (grid.columns == window.columns && grid.columns > 0) {
        const int pixels = pixelColumns / grid.columns;
        grid.strips = bins(matrix.positions, pixels - channelGap(pixels));
    }
    return grid;
}

int channelGap(int width) {
    constexpr int leastForGap = 6;
    return width >= leastForGap ? 1 : 0;
}

// A sum of values near the end of the range may leave it; their mean does not.
double Bin::mean() const {
    return std::isfinite(sum) ? sum / finite : low / 2 + high / 2;
}

bool Bin::exceeds(double limit) const {
    constexpr double amongMany = 2;
    const double bound = finite > 1 ? amongMany * limit : limit;
    return finite > 0 && (high > bound || low < -bound);
}

NotFinite notFiniteOf(const BinnedMap& map) {
    NotFinite found;
    for (const Bin& bin : map.bins) {
        found.nan |= bin.nan;
        found.posInf |= bin.posInf;
        found.negInf |= bin.negInf;
    }
    return found;
}

std::vector<Bin> binColumns(std::span<const double> values, std::int64_t first, std::int64_t count, int pixels) {
    const BinGrid grid = BinGrid::fitting({1, first + count, 1}, {0, 1, first, count}, pixels, 1);
    std::vector<Bin> bins(static_cast<std::size_t>(grid.columns));
    for (int column = 0; column < grid.columns; ++column)
        for (std::int64_t i = grid.columnStart(column); i < grid.columnStart(column + 1); ++i)
            if (i < static_cast<std::int64_t>(values.size()))
                bins[static_cast<std::size_t>(column)].add(values[static_cast<std::size_t>(i)]);
    return bins;
}

}  // namespace bnstudio
