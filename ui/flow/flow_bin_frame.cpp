// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/parallel/parallel.h"
#include "ui/flow/flow_elements.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

template <class T>
class Binning {
public:
    Binning(const Frame& frame, std::span<const FlowMap> maps, const BinGrid& grid)
        : m_elements(frame), m_matrix(grid.matrix), m_maps(maps), m_grid(grid) {
        const auto bins = static_cast<std::size_t>(grid.rows) * static_cast<std::size_t>(grid.width());
        for (std::size_t i = 0; i < maps.size(); ++i)
            m_result.push_back({grid, std::vector<Bin>(bins)});
        for (const FlowMap map : maps)
            m_affine.push_back(affineOf(map));
    }

    std::vector<BinnedMap> all(const std::stop_token& stop) {
        const auto addNext = [&](std::int64_t index) {
            if (stop.stop_requested())
                throw Error(ErrorCode::Cancelled, "cancelled");
            addBin(static_cast<int>(index));
        };
        // Threads are worth their start for large windows only; each row has bins of its own.
        if (m_grid.window.cells() * m_matrix.positions > std::int64_t{1} << 17)
            parallelFor(m_grid.rows, addNext);
        else
            for (int row = 0; row < m_grid.rows; ++row)
                addNext(row);
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
    /// What makes a map of its source, a number a channel.
    struct Affine {
        std::vector<double> centre, centreLow, factor, offset;
    };

    /// Extremes and sums of neighbours in memory over several samples, one for each place within a sample.
    struct Sums {
        std::vector<T> low, high;
        std::vector<T> off;  ///< 0 where all is finite, else NaN
        std::vector<double> sum;
        explicit Sums(std::size_t size)
            : low(size, std::numeric_limits<T>::infinity()),
              high(size, -std::numeric_limits<T>::infinity()),
              off(size),
              sum(size) {}

        /// A loop that compilers make vectors of.
        void add(const T* __restrict values) {
            T* __restrict lows = low.data();
            T* __restrict highs = high.data();
            T* __restrict offs = off.data();
            double* __restrict sums = sum.data();
            for (std::size_t i = 0; i < low.size(); ++i) {
                const T value = values[i];
                lows[i] = value < lows[i] ? value : lows[i];
                highs[i] = value > highs[i] ? value : highs[i];
                offs[i] += value - value;
                sums[i] += static_cast<double>(value);
            }
        }
    };

    void addBin(int bin) {
        const std::int64_t last = m_grid.rowStart(bin + 1);
        for (std::int64_t row = m_grid.rowStart(bin); row < last;) {
            std::int64_t end = row + 1;
            if (!m_matrix.isUnfoldedRow(row))
                while (end < last && !m_matrix.isUnfoldedRow(end))
                    ++end;
            addRows(bin, m_matrix.rowAt(row), end - row);
            row = end;
        }
    }

    /// @p count rows that are whole samples, or one that is a position of one.
    void addRows(int bin, FlowMatrix::Row first, std::int64_t count) {
        constexpr std::int64_t worthSums = 2;
        const bool isPosition = !first.isStrip() && m_matrix.positions > 1;
        for (std::size_t i = 0; i < m_maps.size(); ++i)
            if (isPosition)
                addPosition(i, bin, first);
            else if (count < worthSums || m_maps[i] == FlowMap::GradX)
                for (std::int64_t sample = first.sample; sample < first.sample + count; ++sample)
                    for (int across = 0; across < m_grid.width(); ++across)
                        addSample(i, bin, across, sample);
        if (isPosition || count < worthSums)
            return;
        for (const bool gradients : {false, true}) {
            const auto isOne = [&](FlowMap map) { return map != FlowMap::GradX && needsGradient(map) == gradients; };
            const auto found = std::find_if(m_maps.begin(), m_maps.end(), isOne);
            if (found == m_maps.end())
                continue;
            const std::int64_t from = m_grid.start(0);
            Sums sums(static_cast<std::size_t>(m_grid.start(m_grid.width()) - from));
            for (std::int64_t sample = first.sample; sample < first.sample + count; ++sample)
                sums.add(m_elements.sourceOf(*found) + m_matrix.flat({sample, 0, 0}) + from);
            for (std::size_t i = 0; i < m_maps.size(); ++i)
                if (isOne(m_maps[i]))
                    addSums(i, bin, first.sample, count, sums);
        }
    }

    /// An affine map takes extremes to extremes, exactly since rounding keeps the order, and the mean to the mean.
    void addSums(std::size_t map, int row, std::int64_t sample, std::int64_t count, const Sums& sums) {
        const std::size_t size = sums.low.size();
        std::vector<double> a(sums.low.begin(), sums.low.end()), b(sums.high.begin(), sums.high.end()), mean(size);
        const auto share = static_cast<double>(count);
        for (std::size_t i = 0; i < size; ++i)
            mean[i] = sums.sum[i] / share;
        for (std::vector<double>* values : {&a, &b, &mean})
            apply(m_affine[map], *values);
        for (int across = 0; across < m_grid.width(); ++across) {
            const auto first = static_cast<std::size_t>(m_grid.start(across) - m_grid.start(0));
            const auto last = static_cast<std::size_t>(m_grid.start(across + 1) - m_grid.start(0));
            Bin& bin = binOf(map, row, across);
            double low = bin.low, high = bin.high, sum = 0, off = 0;
            for (std::size_t i = first; i < last; ++i) {
                low = std::min(low, std::min(a[i], b[i]));
                high = std::max(high, std::max(a[i], b[i]));
                sum += mean[i];
                off += (a[i] - a[i]) + (b[i] - b[i]) + static_cast<double>(sums.off[i]);
            }
            if (off != 0) {
                for (std::int64_t n = sample; n < sample + count; ++n)
                    addSample(map, row, across, n);
                continue;
            }
            bin.low = low;
            bin.high = high;
            bin.sum += share * sum;
            bin.finite += static_cast<std::uint32_t>(last - first) * static_cast<std::uint32_t>(count);
        }
    }

    /// @p values of the window's places within a sample; in loops that compilers make vectors of.
    void apply(const Affine& affine, std::vector<double>& values) const {
        const std::int64_t positions = m_matrix.positions;
        const auto firstChannel = static_cast<std::size_t>(m_grid.start(0) / positions);
        const double* __restrict centre = affine.centre.data() + firstChannel;
        const double* __restrict centreLow = affine.centreLow.data() + firstChannel;
        const double* __restrict factor = affine.factor.data() + firstChannel;
        const double* __restrict offset = affine.offset.data() + firstChannel;
        double* __restrict value = values.data();
        if (positions == 1) {
            for (std::size_t i = 0; i < values.size(); ++i)
                value[i] = ((value[i] - centre[i]) - centreLow[i]) * factor[i] + offset[i];
            return;
        }
        // A window begins and ends with a channel.
        for (std::size_t i = 0, c = 0; i < values.size(); ++c)
            for (const std::size_t end = i + static_cast<std::size_t>(positions); i < end; ++i)
                value[i] = ((value[i] - centre[c]) - centreLow[c]) * factor[c] + offset[c];
    }

    /// The part of a sample that a bin takes, as it lies in memory: channel after channel with its positions.
    void addSample(std::size_t map, int row, int across, std::int64_t sample) {
        const std::int64_t positions = m_matrix.positions, base = m_matrix.flat({sample, 0, 0});
        const std::int64_t last = m_grid.start(across + 1);
        Bin& bin = binOf(map, row, across);
        std::int64_t first = m_grid.start(across);
        if (positions == 1)
            return m_elements.addRun(m_maps[map], bin, base + first, first, last - first, false);
        while (first < last) {
            const std::int64_t channel = first / positions, end = std::min(last, (channel + 1) * positions);
            m_elements.addRun(m_maps[map], bin, base + first, channel, end - first, true);
            first = end;
        }
    }

    void addPosition(std::size_t map, int row, FlowMatrix::Row at) {
        const std::int64_t positions = m_matrix.positions;
        for (int across = 0; across < m_grid.width(); ++across) {
            const std::int64_t last = m_grid.start(across + 1);
            for (std::int64_t channel = m_grid.start(across) / positions; channel * positions < last; ++channel)
                binOf(map, row, across)
                    .add(m_elements.value(m_maps[map], m_matrix.flat({at.sample, channel, at.position}), channel));
        }
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

    Affine affineOf(FlowMap map) const {
        const auto channels = static_cast<std::size_t>(m_matrix.columns);
        Affine affine{std::vector<double>(channels), std::vector<double>(channels), std::vector<double>(channels, 1),
                      std::vector<double>(channels)};
        const bool isCentred = map == FlowMap::Xhat || map == FlowMap::Y;
        for (std::size_t c = 0; c < channels && (isCentred || map == FlowMap::GradXhat); ++c) {
            const ChannelTransform& transform = m_elements.transform(static_cast<std::int64_t>(c));
            if (isCentred) {
                affine.centre[c] = transform.mean;
                affine.centreLow[c] = transform.meanLow;
            }
            affine.factor[c] = map == FlowMap::Xhat ? transform.invstd
                               : map == FlowMap::Y  ? transform.slope()
                                                    : transform.weight;
            affine.offset[c] = map == FlowMap::Y ? transform.bias : 0;
        }
        return affine;
    }

    Elements<T> m_elements;
    FlowMatrix m_matrix;
    std::span<const FlowMap> m_maps;
    BinGrid m_grid;
    std::vector<BinnedMap> m_result;
    std::vector<Affine> m_affine;
};

}  // namespace

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

}  // namespace bnstudio
