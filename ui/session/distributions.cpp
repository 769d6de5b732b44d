// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/worker.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

// Freedman–Diaconis needs quartiles; a square-root rule within bounds is enough for a picture and costs one pass.
std::size_t binCount(std::size_t values) {
    const double root = std::ceil(std::sqrt(static_cast<double>(values)) * 2);
    return static_cast<std::size_t>(std::clamp(root, 10.0, 80.0));
}

template <class T>
std::vector<double> channelValues(const Tensor& x, std::int64_t channel) {
    const BatchShape shape = BatchShape::of(x.shape());
    const auto source = x.values<T>();
    std::vector<double> values;
    values.reserve(static_cast<std::size_t>(shape.valuesPerChannel()));
    for (std::int64_t n = 0; n < shape.n; ++n) {
        const auto row = source.subspan(static_cast<std::size_t>((n * shape.c + channel) * shape.l),
                                        static_cast<std::size_t>(shape.l));
        values.insert(values.end(), row.begin(), row.end());
    }
    return values;
}

}  // namespace

Histogram histogramOf(const std::vector<double>& values) {
    Histogram histogram;
    double low = INFINITY, high = -INFINITY;
    for (const double value : values)
        if (std::isfinite(value))
            low = std::min(low, value), high = std::max(high, value);
        else
            ++histogram.nonFinite;
    if (!(low <= high))
        return histogram;
    if (low == high) {  // a constant channel: one bin around the value
        const double half = low == 0 ? 0.5 : std::abs(low) * 0.05;
        low -= half, high += half;
    }
    histogram.low = low, histogram.high = high;
    histogram.counts.assign(binCount(values.size()), 0);
    const auto bins = static_cast<double>(histogram.counts.size());
    // Dividing by half widths keeps high − low finite at the ends of the range.
    const double halfWidth = high / 2 - low / 2;
    for (const double value : values) {
        if (!std::isfinite(value))
            continue;
        const double position = (value / 2 - low / 2) / halfWidth * bins;
        histogram.counts[static_cast<std::size_t>(std::clamp(position, 0.0, bins - 1))] += 1;
    }
    return histogram;
}

std::shared_ptr<const Distributions> computeDistributions(const Frame& frame, std::int64_t channel) {
    const int rank = frame.x.rank();
    if ((rank != 2 && rank != 3) || channel < 0 || channel >= frame.x.shape()[1])
        return nullptr;
    auto result = std::make_shared<Distributions>();
    result->channel = channel;
    std::vector<double> values = frame.x.dtype() == DType::Float32 ? channelValues<float>(frame.x, channel)
                                                                   : channelValues<double>(frame.x, channel);
    result->x = histogramOf(values);
    if (static_cast<std::size_t>(channel) >= frame.transforms.size())
        return result;
    const ChannelTransform& transform = frame.transforms[static_cast<std::size_t>(channel)];
    std::vector<double> outputs(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        outputs[i] = transform.y(values[i]);
        values[i] = transform.xhat(values[i]);
    }
    result->xhat = histogramOf(values);
    result->y = histogramOf(outputs);
    return result;
}

}  // namespace bnstudio
