// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace bnstudio {

struct AxisRange {
    double low = 0, high = 1;
    double size() const { return high - low; }
    bool operator==(const AxisRange&) const = default;
};

/// The right end of a step axis that holds @p count steps: at least 10, then 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of
/// ten, so that an axis grows in jumps that are rare and not with every step.
double stepAxisEnd(std::int64_t count);

/// A distance between ticks of 1, 2 or 5 times a power of ten that gives about @p ticks ticks over @p size.
double niceTickStep(double size, int ticks);

/// The same for an axis that shows @p range, but so small that two ticks at least lie inside: one alone says nothing about
/// the scale.
double niceTickStep(AxisRange range, int ticks);

/// What an axis that follows its data shows: the data low … high widened by a little and rounded out to ticks. Keeps
/// @p previous while it still fits, that is while the data stay inside and fill at least half of it: no number dance.
/// Data that are a single value get a range around it. @p hasPrevious false: nothing to keep.
AxisRange followLinear(double low, double high, AxisRange previous, bool hasPrevious);

/// The same for a logarithmic axis; 0 < low ≤ high.
AxisRange followLog(double low, double high, AxisRange previous, bool hasPrevious);

/// Where a logarithmic axis draws zero and negative values: a decade below the decade of the smallest positive value.
double logFloorBelow(double smallestPositive);

}  // namespace bnstudio
