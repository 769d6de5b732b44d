// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_scale.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

// What rounding adds to three standard deviations of x̂ must not lead to the next scale.
constexpr double tolerance = 1 + 1e-4;
constexpr double deviations = 3;

double reach(double mean, double variance) {
    const double bound = std::abs(mean) + deviations * std::sqrt(std::max(variance, 0.0));
    return std::isfinite(bound) ? bound : 0;
}

/// Reach of the widest channel; nothing when the step has no moments of the map.
std::optional<double> reachOf(const Frame& frame, FlowMap map) {
    if (!frame.snapshot || map > FlowMap::Y)
        return std::nullopt;
    const Moments& batch = frame.snapshot->batch;
    const std::size_t channels = std::min(batch.mean.size(), batch.var.size());
    if (channels == 0 || (map != FlowMap::X && frame.transforms.size() < channels))
        return std::nullopt;
    double most = 0;
    for (std::size_t c = 0; c < channels; ++c) {
        double mean = batch.mean[c], slope = 1;
        if (map != FlowMap::X) {
            const ChannelTransform& transform = frame.transforms[c];
            slope = map == FlowMap::Xhat ? transform.invstd : transform.slope();
            mean = map == FlowMap::Xhat ? transform.xhat(mean) : transform.y(mean);
        }
        most = std::max(most, reach(mean, batch.var[c] * slope * slope));
    }
    return most;
}

}  // namespace

double niceLimit(double bound) {
    if (!std::isfinite(bound) || bound <= 0)
        return 1;
    const double power = std::pow(10.0, std::floor(std::log10(bound)));
    for (const double step : {1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0})
        if (bound <= step * power * tolerance)
            return step * power;
    return 10 * power;
}

double limitOf(const Frame& frame, FlowMap map, std::int64_t reads) {
    if (const auto bound = reachOf(frame, map); bound && *bound > 0)
        return niceLimit(*bound);
    if (!hasValues(frame, map))
        return 1;
    const FlowMatrix matrix = FlowMatrix::of(frame.x.shape());
    const std::int64_t stride = std::max<std::int64_t>(1, frame.x.size() / std::max<std::int64_t>(reads, 1));
    double most = 0;
    // A stride that shares no factor with the number of columns would be best; an odd one meets most of them.
    for (std::int64_t i = 0; i < frame.x.size(); i += stride | 1) {
        const double value = std::abs(flowValue(frame, map, matrix.cellOf(i)));
        if (std::isfinite(value))
            most = std::max(most, value);
    }
    return niceLimit(most);
}

double limitOf(std::span<const double> values) {
    double most = 0;
    for (const double value : values)
        if (std::isfinite(value))
            most = std::max(most, std::abs(value));
    return niceLimit(most);
}

QString limitText(double limit) {
    const QString text = QString::number(limit, 'g', 3);
    const qsizetype exponent = text.indexOf(u'e');
    return exponent < 0 ? text : text.left(exponent + 1) + QString::number(text.mid(exponent + 1).toInt());
}

// Chosen for the greatest distance from all colours of the ramp, from each other and from the card, in CIELAB and as eyes
// with a colour vision deficiency see them; flow_marks_test has the bounds.
QColor nanColor(const Palette& palette) {
    return palette.dark ? QColor(0xff, 0xff, 0xff) : QColor(0, 0, 0);
}

QColor infinityColor(const Palette& palette) {
    return palette.dark ? QColor(0x00, 0xd0, 0xa0) : QColor(0x66, 0xe0, 0x00);
}

}  // namespace bnstudio
