// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/chunks.h"
#include "core/norm/moments.h"

#include <cmath>
#include <limits>

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

void count(HealthCounts& counts, double value) {
    if (std::isnan(value))
        ++counts.nan;
    else if (value == 0)
        ++counts.zero;
    else if (value > 0)
        ++(std::isinf(value) ? counts.posInf : counts.positive);
    else
        ++(std::isinf(value) ? counts.negInf : counts.negative);
}

void addCounts(HealthCounts& sum, const HealthCounts& more) {
    sum.negInf += more.negInf;
    sum.negative += more.negative;
    sum.zero += more.zero;
    sum.positive += more.positive;
    sum.posInf += more.posInf;
    sum.nan += more.nan;
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
    return summarise<HealthCounts>(batch, count, addCounts);
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
