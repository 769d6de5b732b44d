// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_bins.h"

#include "core/error.h"
#include "core/parallel/parallel.h"

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

namespace {

bool needsGradient(FlowMap map) {
    return map == FlowMap::Dy || map == FlowMap::GradXhat || map == FlowMap::GradX;
}

inline double evaluate(FlowMap map, const ChannelTransform& transform, double x, double dy) {
    switch (map) {
    case FlowMap::X:
        return x;
    case FlowMap::Xhat:
        return transform.xhat(x);
    case FlowMap::Y:
        return transform.y(x);
    case FlowMap::Dy:
        return dy;
    case FlowMap::GradXhat:
        return dy * transform.weight;
    case FlowMap::GradX:
        return transform.gradInput(x, dy);
    }
    return x;
}

/// The elements of a frame, read in whichever type it has; a map that needs no gradient does not touch it.
template <class T>
class Elements {
public:
    explicit Elements(const Frame& frame)
        : m_x(frame.x.values<T>().data()),
          m_dy(frame.gradOutput.size() == frame.x.size() && frame.gradOutput.dtype() == frame.x.dtype()
                   ? frame.gradOutput.values<T>().data()
                   : nullptr),
          m_transforms(frame.transforms.empty() ? nullptr : frame.transforms.data()) {}

    double value(FlowMap map, std::int64_t flat, std::int64_t channel) const {
        const double dy = needsGradient(map) ? static_cast<double>(m_dy[flat]) : 0;
        return evaluate(map, transform(channel), static_cast<double>(m_x[flat]), dy);
    }

    /// Adds neighbours in memory, of one channel or of one channel after the other.
    void addRun(FlowMap map, Bin& bin, std::int64_t flat, std::int64_t channel, std::int64_t count,
                bool sameChannel) const {
        switch (map) {  // outside of the loop
        case FlowMap::X:
            return addRunOf<FlowMap::X>(bin, flat, channel, count, sameChannel);
        case FlowMap::Xhat:
            return addRunOf<FlowMap::Xhat>(bin, flat, channel, count, sameChannel);
        case FlowMap::Y:
            return addRunOf<FlowMap::Y>(bin, flat, channel, count, sameChannel);
        case FlowMap::Dy:
            return addRunOf<FlowMap::Dy>(bin, flat, channel, count, sameChannel);
        case FlowMap::GradXhat:
            return addRunOf<FlowMap::GradXhat>(bin, flat, channel, count, sameChannel);
        case FlowMap::GradX:
            return addRunOf<FlowMap::GradX>(bin, flat, channel, count, sameChannel);
        }
    }

private:
    template <FlowMap map>
    void addRunOf(Bin& bin, std::int64_t flat, std::int64_t channel, std::int64_t count, bool sameChannel) const {
        Bin sum = bin;
        for (std::int64_t i = 0; i < count; ++i) {
            const double dy = needsGradient(map) ? static_cast<double>(m_dy[flat + i]) : 0;
            const double x = static_cast<double>(m_x[flat + i]);
            sum.add(evaluate(map, transform(channel + (sameChannel ? 0 : i)), x, dy));
        }
        bin = sum;
    }

    const ChannelTransform& transform(std::int64_t channel) const {
        static const ChannelTransform none;
        return m_transforms ? m_transforms[channel] : none;
    }

    const T* m_x;
    const T* m_dy;
    const ChannelTransform* m_transforms;
};

template <class T>
class Binning {
public:
    Binning(const Frame& frame, std::span<const FlowMap> maps, const BinGrid& grid)
        : m_elements(frame), m_matrix(FlowMatrix::of(frame.x.shape())), m_maps(maps), m_grid(grid) {
        for (std::size_t i = 0; i < maps.size(); ++i)
            m_result.push_back(
                {grid, std::vector<Bin>(static_cast<std::size_t>(grid.rows) * static_cast<std::size_t>(grid.columns))});
    }

    std::vector<BinnedMap> all(const std::stop_token& stop) {
        const auto addRow = [&](std::int64_t index) {
            if (stop.stop_requested())
                throw Error(ErrorCode::Cancelled, "cancelled");
            const int row = static_cast<int>(index);
            addRows(row, m_grid.rowStart(row), m_grid.rowStart(row + 1));
        };
        // Threads are worth their start for large windows only; each row has bins of its own.
        if (m_grid.window.cells() > std::int64_t{1} << 17)
            parallelFor(m_grid.rows, addRow);
        else
            for (int row = 0; row < m_grid.rows; ++row)
                addRow(row);
        return std::move(m_result);
    }

    std::vector<BinnedMap> sample(std::int64_t reads) {
        const auto bins = static_cast<double>(m_grid.rows) * m_grid.columns;
        const auto most = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::sqrt(double(reads) / bins)));
        for (int row = 0; row < m_grid.rows; ++row)
            for (int column = 0; column < m_grid.columns; ++column)
                sampleBin(row, column, most);
        for (BinnedMap& map : m_result)
            map.isSample = true;
        return std::move(m_result);
    }

private:
    /// Rows of one sample are neighbours in memory channel by channel, so a bin takes them in in that order.
    void addRows(int bin, std::int64_t first, std::int64_t last) {
        const std::int64_t positions = m_matrix.positions;
        while (first < last) {
            const std::int64_t sample = first / positions;
            const std::int64_t end = std::min(last, (sample + 1) * positions);
            for (int column = 0; column < m_grid.columns; ++column)
                addBlock(bin, column, sample, first - sample * positions, end - first);
            first = end;
        }
    }

    void addBlock(int row, int column, std::int64_t sample, std::int64_t position, std::int64_t count) {
        const std::int64_t first = m_grid.columnStart(column), last = m_grid.columnStart(column + 1);
        for (std::size_t i = 0; i < m_maps.size(); ++i) {
            Bin& bin = binOf(i, row, column);
            if (m_matrix.positions == 1)
                m_elements.addRun(m_maps[i], bin, m_matrix.flat({sample, first, 0}), first, last - first, false);
            else
                for (std::int64_t channel = first; channel < last; ++channel)
                    m_elements.addRun(m_maps[i], bin, m_matrix.flat({sample, channel, position}), channel, count, true);
        }
    }

    void sampleBin(int row, int column, std::int64_t most) {
        const std::int64_t top = m_grid.rowStart(row), rows = m_grid.rowStart(row + 1) - top;
        const std::int64_t left = m_grid.columnStart(column), columns = m_grid.columnStart(column + 1) - left;
        const std::int64_t across = std::min(columns, most), down = std::min(rows, most);
        for (std::int64_t r = 0; r < down; ++r)
            for (std::int64_t c = 0; c < across; ++c) {
                const Cell cell =
                    m_matrix.cellAt(top + (2 * r + 1) * rows / (2 * down), left + (2 * c + 1) * columns / (2 * across));
                for (std::size_t i = 0; i < m_maps.size(); ++i)
                    binOf(i, row, column).add(m_elements.value(m_maps[i], m_matrix.flat(cell), cell.c));
            }
    }

    Bin& binOf(std::size_t map, int row, int column) {
        return m_result[map].bins[static_cast<std::size_t>(row) * static_cast<std::size_t>(m_grid.columns)
                                  + static_cast<std::size_t>(column)];
    }

    Elements<T> m_elements;
    FlowMatrix m_matrix;
    std::span<const FlowMap> m_maps;
    BinGrid m_grid;
    std::vector<BinnedMap> m_result;
};

}  // namespace

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

BinGrid BinGrid::fitting(const CellWindow& window, int pixelColumns, int pixelRows) {
    const auto bins = [](std::int64_t cells, int pixels) {
        return static_cast<int>(std::min<std::int64_t>(cells, std::max(pixels, 1)));
    };
    return {window, bins(window.rows, pixelRows), bins(window.columns, pixelColumns)};
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

std::vector<BinnedMap> binFrame(const Frame& frame, std::span<const FlowMap> maps, const BinGrid& grid,
                                const std::stop_token& stop) {
    if (frame.x.dtype() == DType::Float32)
        return Binning<float>(frame, maps, grid).all(stop);
    return Binning<double>(frame, maps, grid).all(stop);
}

std::vector<BinnedMap> sampleFrame(const Frame& frame, std::span<const FlowMap> maps, const BinGrid& grid,
                                   std::int64_t reads) {
    if (frame.x.dtype() == DType::Float32)
        return Binning<float>(frame, maps, grid).sample(reads);
    return Binning<double>(frame, maps, grid).sample(reads);
}

std::vector<Bin> binColumns(std::span<const double> values, std::int64_t first, std::int64_t count, int pixels) {
    const BinGrid grid = BinGrid::fitting({0, 1, first, count}, pixels, 1);
    std::vector<Bin> bins(static_cast<std::size_t>(grid.columns));
    for (int column = 0; column < grid.columns; ++column)
        for (std::int64_t i = grid.columnStart(column); i < grid.columnStart(column + 1); ++i)
            if (i < static_cast<std::int64_t>(values.size()))
                bins[static_cast<std::size_t>(column)].add(values[static_cast<std::size_t>(i)]);
    return bins;
}

}  // namespace bnstudio
