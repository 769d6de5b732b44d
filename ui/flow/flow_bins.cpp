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
        : m_elements(frame), m_matrix(grid.matrix), m_maps(maps), m_grid(grid) {
        const auto bins = static_cast<std::size_t>(grid.rows) * static_cast<std::size_t>(grid.width());
        for (std::size_t i = 0; i < maps.size(); ++i)
            m_result.push_back({grid, std::vector<Bin>(bins)});
    }

    std::vector<BinnedMap> all(const std::stop_token& stop) {
        const auto addBins = [&](std::int64_t index) {
            if (stop.stop_requested())
                throw Error(ErrorCode::Cancelled, "cancelled");
            const int bin = static_cast<int>(index);
            for (std::int64_t row = m_grid.rowStart(bin); row < m_grid.rowStart(bin + 1); ++row)
                addRow(bin, m_matrix.rowAt(row));
        };
        // Threads are worth their start for large windows only; each row has bins of its own.
        if (m_grid.window.cells() * m_matrix.positions > std::int64_t{1} << 17)
            parallelFor(m_grid.rows, addBins);
        else
            for (int row = 0; row < m_grid.rows; ++row)
                addBins(row);
        return std::move(m_result);
    }

    std::vector<BinnedMap> sample(std::int64_t reads) {
        const auto bins = static_cast<double>(m_grid.rows) * m_grid.width();
        const auto most = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::sqrt(double(reads) / bins)));
        for (int row = 0; row < m_grid.rows; ++row)
            for (int across = 0; across < m_grid.width(); ++across)
                sampleBin(row, across, most);
        for (BinnedMap& map : m_result)
            map.isSample = true;
        return std::move(m_result);
    }

private:
    void addRow(int bin, FlowMatrix::Row row) {
        for (int across = 0; across < m_grid.width(); ++across) {
            const std::int64_t first = m_grid.start(across), last = m_grid.start(across + 1);
            for (std::size_t i = 0; i < m_maps.size(); ++i)
                if (row.isStrip() || m_matrix.positions == 1)
                    addSample(m_maps[i], binOf(i, bin, across), row.sample, first, last);
                else
                    addPosition(m_maps[i], binOf(i, bin, across), row, first, last);
        }
    }

    /// A part of a sample as it lies in memory: channel after channel with its positions.
    void addSample(FlowMap map, Bin& bin, std::int64_t sample, std::int64_t first, std::int64_t last) {
        const std::int64_t positions = m_matrix.positions, base = m_matrix.flat({sample, 0, 0});
        if (positions == 1)
            return m_elements.addRun(map, bin, base + first, first, last - first, false);
        while (first < last) {
            const std::int64_t channel = first / positions, end = std::min(last, (channel + 1) * positions);
            m_elements.addRun(map, bin, base + first, channel, end - first, true);
            first = end;
        }
    }

    void addPosition(FlowMap map, Bin& bin, FlowMatrix::Row row, std::int64_t first, std::int64_t last) {
        const std::int64_t positions = m_matrix.positions;
        for (std::int64_t channel = first / positions; channel * positions < last; ++channel)
            bin.add(m_elements.value(map, m_matrix.flat({row.sample, channel, row.position}), channel));
    }

    void sampleBin(int row, int across, std::int64_t most) {
        const std::int64_t top = m_grid.rowStart(row), rows = m_grid.rowStart(row + 1) - top;
        const std::int64_t left = m_grid.start(across), width = m_grid.start(across + 1) - left;
        const std::int64_t right = std::min(width, most), down = std::min(rows, most);
        for (std::int64_t r = 0; r < down; ++r)
            for (std::int64_t c = 0; c < right; ++c) {
                const std::int64_t place = left + (2 * c + 1) * width / (2 * right);
                const Cell cell = m_matrix.cellAt(top + (2 * r + 1) * rows / (2 * down), place / m_matrix.positions,
                                                  place % m_matrix.positions);
                for (std::size_t i = 0; i < m_maps.size(); ++i)
                    binOf(i, row, across).add(m_elements.value(m_maps[i], m_matrix.flat(cell), cell.c));
            }
    }

    Bin& binOf(std::size_t map, int row, int across) {
        return m_result[map].bins[static_cast<std::size_t>(row) * static_cast<std::size_t>(m_grid.width())
                                  + static_cast<std::size_t>(across)];
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
    const BinGrid grid = BinGrid::fitting({1, first + count, 1}, {0, 1, first, count}, pixels, 1);
    std::vector<Bin> bins(static_cast<std::size_t>(grid.columns));
    for (int column = 0; column < grid.columns; ++column)
        for (std::int64_t i = grid.columnStart(column); i < grid.columnStart(column + 1); ++i)
            if (i < static_cast<std::int64_t>(values.size()))
                bins[static_cast<std::size_t>(column)].add(values[static_cast<std::size_t>(i)]);
    return bins;
}

}  // namespace bnstudio
