// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/axis_scale.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bnstudio {

namespace {

double powerOfTenBelow(double value) {
    return std::pow(10.0, std::floor(std::log10(value)));
}

bool stillFits(double low, double high, AxisRange range) {
    return low >= range.low && high <= range.high && high - low >= 0.5 * range.size();
}

}  // namespace

double stepAxisEnd(std::int64_t count) {
    constexpr double mantissas[] = {1, 1.5, 2, 3, 4, 5, 6, 8, 10};
    const double last = static_cast<double>(std::max<std::int64_t>(count - 1, 0));
    if (last <= 10)
        return 10;
    const double power = powerOfTenBelow(last);
    for (const double mantissa : mantissas)
        if (last <= mantissa * power)
            return mantissa * power;
    return 10 * power;
}

double niceTickStep(double size, int ticks) {
    if (!(size > 0) || !std::isfinite(size))
        return 1;
    const double raw = size / std::max(ticks, 1);
    const double power = powerOfTenBelow(raw);
    const double mantissa = raw / power;
    if (mantissa <= 1.0)
        return power;
    if (mantissa <= 2.0)
        return 2 * power;
    return mantissa <= 5.0 ? 5 * power : 10 * power;
}

double niceTickStep(AxisRange range, int ticks) {
    // Two multiples lie in any range of twice the step, and a nice step is at most 2.5 times what was asked for.
    for (int wanted = std::max(ticks, 1);; ++wanted) {
        const double step = niceTickStep(range.size(), wanted);
        const double inside = std::floor(range.high / step) - std::ceil(range.low / step) + 1;
        if (!(inside < 2) || wanted >= 5 + ticks)
            return step;
    }
}

AxisRange followLinear(double low, double high, AxisRange previous, bool hasPrevious) {
    // Below this width doubles can no longer tell the ticks apart.
    const double least =
        std::max(std::max(std::abs(low), std::abs(high)) * 1e-9, std::numeric_limits<double>::min() * 1e6);
    if (high - low < least) {
        const double half = low == 0 ? 1 : std::max(std::abs(low) * 0.1, least);
        low -= half;
        high += half;
        if (hasPrevious && low >= previous.low && high <= previous.high && previous.size() <= 8 * half)
            return previous;
    } else if (hasPrevious && stillFits(low, high, previous)) {
        return previous;
    }
    const bool isPositive = low > 0;
    const double margin = (high - low) * 0.04;
    const double step = niceTickStep(high - low, 8);
    const double from = std::floor((low - margin) / step) * step;
    // Room below zero would suggest that a loss or a variance could be there; a line at zero itself needs it to be seen.
    return {isPositive ? std::max(from, 0.0) : from, std::ceil((high + margin) / step) * step};
}

AxisRange followLog(double low, double high, AxisRange previous, bool hasPrevious) {
    const bool canKeep = hasPrevious && previous.low > 0;
    const AxisRange logPrevious =
        canKeep ? AxisRange{std::log10(previous.low), std::log10(previous.high)} : AxisRange{};
    if (canKeep && stillFits(std::log10(low), std::log10(high), logPrevious))
        return previous;
    // Half a decade at least: less is better read on a linear axis, and one value needs room around it.
    const double centre = 0.5 * (std::log10(low) + std::log10(high));
    const double from = std::min(std::log10(low) - 0.03, centre - 0.25),
                 to = std::max(std::log10(high) + 0.03, centre + 0.25);
    const auto lowerNice = [](double exponent) {
        const double power = std::pow(10.0, std::floor(exponent)), mantissa = std::pow(10.0, exponent) / power;
        return (mantissa >= 5 ? 5 : mantissa >= 2 ? 2 : 1) * power;
    };
    const auto upperNice = [](double exponent) {
        const double power = std::pow(10.0, std::floor(exponent)), mantissa = std::pow(10.0, exponent) / power;
        return (mantissa <= 1 ? 1 : mantissa <= 2 ? 2 : mantissa <= 5 ? 5 : 10) * power;
    };
    return {lowerNice(from), upperNice(to)};
}

double logFloorBelow(double smallestPositive) {
    return powerOfTenBelow(smallestPositive) / 10;
}

}  // namespace bnstudio
