// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/double_double.h"
#include "core/parallel/parallel.h"
#include "core/tensor/tensor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace bnstudio {

/// How a contiguous batch is cut into tasks: a function of its shape alone, never of the number of threads.
///
/// A task is one chunk of values of one block of channels. It walks rows of at most maxLanes neighbouring values, and
/// each lane of a row belongs to one channel throughout. While L is small a row is the part (n, block, :) of one sample
/// and holds several channels of L lanes each, so that memory is read in order; with a long L a block is one channel
/// and its rows lie along L.
class ChunkLayout {
public:
    static constexpr int maxLanes = 256;

    /// A single channel is contiguous whatever N and L are, so it is walked along L.
    explicit ChunkLayout(BatchShape s) : m_shape(s.c == 1 ? BatchShape{1, 1, s.n * s.l} : s) {
        m_alongL = m_shape.l > longestShortL;
        m_lanesPerChannel = m_alongL ? lanesAlongL : std::max(1, static_cast<int>(m_shape.l));
        m_channelsPerBlock = m_alongL ? 1 : maxLanes / m_lanesPerChannel;
        const std::int64_t length = m_alongL ? m_shape.n * m_shape.l : m_shape.n;
        const std::int64_t perChunk = m_alongL ? valuesPerChunk : rowsPerChunk;
        m_chunks = m_shape.valuesPerChannel() == 0 ? 0 : (length + perChunk - 1) / perChunk;
        m_blocks = (m_shape.c + m_channelsPerBlock - 1) / m_channelsPerBlock;
    }

    std::int64_t channels() const { return m_shape.c; }
    std::int64_t chunks() const { return m_chunks; }
    std::int64_t blocks() const { return m_blocks; }
    std::int64_t firstChannel(std::int64_t block) const { return block * m_channelsPerBlock; }
    int channelsIn(std::int64_t block) const {
        return static_cast<int>(std::min<std::int64_t>(m_channelsPerBlock, m_shape.c - firstChannel(block)));
    }
    int lanesPerChannel() const { return m_lanesPerChannel; }
    int lanesIn(std::int64_t block) const { return channelsIn(block) * m_lanesPerChannel; }

    /// Calls row(offset, width) for every row of a chunk, in storage order; offset counts elements of the batch.
    template <class Row>
    void walk(std::int64_t chunk, std::int64_t block, Row row) const {
        if (m_alongL)
            walkAlongL(chunk, block, row);
        else
            walkSamples(chunk, block, row);
    }

private:
    template <class Row>
    void walkSamples(std::int64_t chunk, std::int64_t block, Row row) const {
        const int width = lanesIn(block);
        const std::int64_t end = std::min(m_shape.n, (chunk + 1) * rowsPerChunk);
        for (std::int64_t n = chunk * rowsPerChunk; n < end; ++n)
            row((n * m_shape.c + firstChannel(block)) * m_shape.l, width);
    }

    template <class Row>
    void walkAlongL(std::int64_t chunk, std::int64_t channel, Row row) const {
        std::int64_t position = chunk * valuesPerChunk;  // within the channel's N·L values
        const std::int64_t end = std::min(m_shape.valuesPerChannel(), position + valuesPerChunk);
        while (position < end) {
            const std::int64_t n = position / m_shape.l, start = position % m_shape.l;
            const std::int64_t length = std::min(m_shape.l - start, end - position);
            const std::int64_t offset = (n * m_shape.c + channel) * m_shape.l + start;
            for (std::int64_t i = 0; i < length; i += lanesAlongL)
                row(offset + i, static_cast<int>(std::min<std::int64_t>(lanesAlongL, length - i)));
            position += length;
        }
    }

    static constexpr std::int64_t rowsPerChunk = 512;
    static constexpr std::int64_t valuesPerChunk = 2048;
    static constexpr std::int64_t longestShortL = maxLanes / 2;
    static constexpr int lanesAlongL = 32;

    BatchShape m_shape;
    bool m_alongL;
    int m_lanesPerChannel, m_channelsPerBlock;
    std::int64_t m_chunks, m_blocks;
};

/// One number per lane of a block: that of the lane's channel.
class LaneValues {
public:
    template <class PerChannel>
    void fill(const ChunkLayout& layout, std::int64_t block, PerChannel perChannel) {
        double* lane = m_values.data();
        for (int channel = 0; channel < layout.channelsIn(block); ++channel)
            lane = std::fill_n(lane, layout.lanesPerChannel(),
                               perChannel(static_cast<std::size_t>(layout.firstChannel(block) + channel)));
    }
    const double* data() const { return m_values.data(); }
    double* data() { return m_values.data(); }

private:
    alignas(64) std::array<double, ChunkLayout::maxLanes> m_values{};
};

/// Runs task(chunk, block) for every task of the layout.
template <class Task>
void forEachTask(const ChunkLayout& layout, Task task) {
    parallelFor(layout.chunks() * layout.blocks(),
                [&](std::int64_t index) { task(index / layout.blocks(), index % layout.blocks()); });
}

/// Two running sums, each with the part that rounding would have lost.
struct PairSum {
    double a = 0, aLow = 0, b = 0, bLow = 0;

    /// An overflowed or infinite sum makes its own low part NaN; the high part then is the answer.
    double totalA() const { return std::isfinite(a) ? a + aLow : a; }
    double totalB() const { return std::isfinite(b) ? b + bLow : b; }
    void merge(const PairSum& other) {
        const DoubleDouble x = twoSum(a, other.a), y = twoSum(b, other.b);
        a = x.high;
        aLow += other.aLow + x.low;
        b = y.high;
        bLow += other.bLow + y.low;
    }
};

/// A PairSum per lane, laid out for vector registers.
struct PairSumLanes {
    LaneValues a, aLow, b, bLow;

    PairSum lane(int index) const { return {a.data()[index], aLow.data()[index], b.data()[index], bLow.data()[index]}; }
};

/// items[0] becomes the sum of all @p count items that lie @p stride apart, merged in a fixed binary tree.
inline void mergeInTree(PairSum* items, std::int64_t count, std::int64_t stride) {
    for (std::int64_t step = 1; step < count; step *= 2)
        for (std::int64_t i = 0; i + step < count; i += 2 * step)
            items[i * stride].merge(items[(i + step) * stride]);
}

/// Sums of every channel. bodyFor(block) returns a callable body(PairSumLanes&, offset, width) that adds a row.
/// Blocks for which wanted(block) is false are skipped; their sums are zero.
template <class BodyFor, class Wanted>
std::vector<PairSum> sumChannels(const ChunkLayout& layout, BodyFor bodyFor, Wanted wanted) {
    const std::int64_t channels = layout.channels();
    std::vector<PairSum> sums(static_cast<std::size_t>(std::max<std::int64_t>(1, layout.chunks()) * channels));
    forEachTask(layout, [&](std::int64_t chunk, std::int64_t block) {
        if (!wanted(block))
            return;
        const auto body = bodyFor(block);
        PairSumLanes lanes;
        layout.walk(chunk, block, [&](std::int64_t offset, int width) { body(lanes, offset, width); });
        std::array<PairSum, ChunkLayout::maxLanes> perLane;
        for (int lane = 0; lane < layout.lanesIn(block); ++lane)
            perLane[static_cast<std::size_t>(lane)] = lanes.lane(lane);
        PairSum* out = sums.data() + chunk * channels + layout.firstChannel(block);
        for (int channel = 0; channel < layout.channelsIn(block); ++channel) {
            PairSum* own = perLane.data() + channel * layout.lanesPerChannel();
            mergeInTree(own, layout.lanesPerChannel(), 1);
            out[channel] = *own;
        }
    });
    parallelFor(layout.blocks(), [&](std::int64_t block) {
        const std::int64_t first = layout.firstChannel(block);
        for (std::int64_t c = first; c < first + layout.channelsIn(block); ++c)
            mergeInTree(sums.data() + c, layout.chunks(), channels);
    });
    sums.resize(static_cast<std::size_t>(channels));
    return sums;
}

template <class BodyFor>
std::vector<PairSum> sumChannels(const ChunkLayout& layout, BodyFor bodyFor) {
    return sumChannels(layout, bodyFor, [](std::int64_t) { return true; });
}

}  // namespace bnstudio
