// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/chunks.h"
#include "core/norm/moments.h"

#include <cmath>
#include <limits>
#include <type_traits>

namespace bnstudio {

namespace {

/// A Summary per channel: add(Summary&, value) over all values, merge(Summary&, other) over chunks in index order.
template <class Summary, class T, class Add, class Merge>
std::vector<Summary> summarise(std::span<const T> values, BatchShape shape, Add add, Merge merge) {
    const ChunkLayout layout(shape);
    const std::size_t channels = static_cast<std::size_t>(shape.c);
    std::vector<Summary> all(static_cast<std::size_t>(layout.chunks()) * channels);
    forEachTask(layout, [&](std::int64_t chunk, std::int64_t block) {
        Summary* out = all.data() + chunk * shape.c + layout.firstChannel(block);
        const int lanesPerChannel = layout.lanesPerChannel();
        layout.walk(chunk, block, [&](std::int64_t offset, int width) {
            for (int i = 0; i < width; ++i)
                add(out[i / lanesPerChannel], values[static_cast<std::size_t>(offset + i)]);
        });
    });
    std::vector<Summary> result(channels);
    for (std::size_t i = 0; i < all.size(); ++i)
        merge(result[i % channels], all[i]);
    return result;
}

template <class Summary, class Add, class Merge>
std::vector<Summary> summarise(const Tensor& batch, Add add, Merge merge) {
    const BatchShape shape = BatchShape::of(batch.shape());
    if (batch.dtype() == DType::Float32)
        return summarise<Summary, float>(batch.values<float>(), shape, add, merge);
    return summarise<Summary, double>(batch.values<double>(), shape, add, merge);
}

/// Counts per lane. A comparison is added as 0 or 1: what kind a value is of cannot be predicted, and a branch on it
/// would cost more than all the comparisons. Counters are as wide as values, so that both fill the same vector
/// registers.
template <class T>
class HealthLanes {
public:
    void add(const T* x, int width) {
        constexpr T largest = std::numeric_limits<T>::max();
        for (int i = 0; i < width; ++i) {
            m_negInf[i] += x[i] < -largest ? 1 : 0;
            m_zero[i] += x[i] == 0 ? 1 : 0;
            m_aboveZero[i] += x[i] > 0 ? 1 : 0;
            m_posInf[i] += x[i] > largest ? 1 : 0;
            m_nan[i] += x[i] != x[i] ? 1 : 0;
        }
    }
    /// Adds a lane to all counts but that of negative values, which are what the others leave over.
    void addLaneTo(HealthCounts& counts, int lane) const {
        counts.negInf += static_cast<std::uint32_t>(m_negInf[lane]);
        counts.zero += static_cast<std::uint32_t>(m_zero[lane]);
        counts.positive += static_cast<std::uint32_t>(m_aboveZero[lane] - m_posInf[lane]);
        counts.posInf += static_cast<std::uint32_t>(m_posInf[lane]);
        counts.nan += static_cast<std::uint32_t>(m_nan[lane]);
    }

private:
    using Counter = std::conditional_t<sizeof(T) == sizeof(std::uint32_t), std::uint32_t, std::uint64_t>;
    using Counters = Counter[ChunkLayout::maxLanes];
    alignas(64) Counters m_negInf{}, m_zero{}, m_aboveZero{}, m_posInf{}, m_nan{};
};

template <class T>
std::vector<HealthCounts> countHealthOf(const T* values, BatchShape shape) {
    const ChunkLayout layout(shape);
    const std::size_t channels = static_cast<std::size_t>(shape.c);
    std::vector<HealthCounts> ofChunks(static_cast<std::size_t>(layout.chunks()) * channels);
    forEachTask(layout, [&](std::int64_t chunk, std::int64_t block) {
        HealthLanes<T> lanes;
        layout.walk(chunk, block, [&](std::int64_t offset, int width) { lanes.add(values + offset, width); });
        HealthCounts* out = ofChunks.data() + chunk * shape.c + layout.firstChannel(block);
        for (int lane = 0; lane < layout.lanesIn(block); ++lane)
            lanes.addLaneTo(out[lane / layout.lanesPerChannel()], lane);
    });
    std::vector<HealthCounts> result(channels);
    for (std::size_t i = 0; i < ofChunks.size(); ++i) {
        HealthCounts& sum = result[i % channels];
        sum.negInf += ofChunks[i].negInf;
        sum.zero += ofChunks[i].zero;
        sum.positive += ofChunks[i].positive;
        sum.posInf += ofChunks[i].posInf;
        sum.nan += ofChunks[i].nan;
    }
    for (HealthCounts& counts : result)
        counts.negative = static_cast<std::uint32_t>(shape.valuesPerChannel()) - counts.negInf - counts.zero
                          - counts.positive - counts.posInf - counts.nan;
    return result;
}

struct OpenRange {
    double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
};

void widen(OpenRange& range, double value) {
    if (!std::isfinite(value))
        return;
    range.low = std::min(range.low, value);
    range.high = std::max(range.high, value);
}

}  // namespace

std::vector<HealthCounts> countHealth(const Tensor& batch) {
    const BatchShape shape = BatchShape::of(batch.shape());
    return batch.dtype() == DType::Float32 ? countHealthOf(batch.values<float>().data(), shape)
                                           : countHealthOf(batch.values<double>().data(), shape);
}

std::vector<Range> channelRanges(const Tensor& batch) {
    const std::vector<OpenRange> open = summarise<OpenRange>(batch, widen, [](OpenRange& sum, const OpenRange& more) {
        sum.low = std::min(sum.low, more.low);
        sum.high = std::max(sum.high, more.high);
    });
    std::vector<Range> ranges(open.size());
    for (std::size_t c = 0; c < open.size(); ++c)
        if (open[c].low <= open[c].high)
            ranges[c] = {open[c].low, open[c].high};
    return ranges;
}

}  // namespace bnstudio
