// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/running_stats.h"

#include "core/norm/double_double.h"

#include <cmath>

namespace bnstudio {

namespace {

/// (1 − f)·old + f·(value + valueLow), rounded once.
double blend(double old, double factor, double value, double valueLow) {
    const DoubleDouble keep = twoDifference(1.0, factor);
    const DoubleDouble kept = twoProduct(keep.high, old);
    const DoubleDouble added = twoProduct(factor, value);
    const DoubleDouble sum = twoSum(kept.high, added.high);
    const double low = sum.low + (kept.low + keep.low * old) + (added.low + factor * valueLow);
    // The low part of something infinite or NaN is meaningless; 0·NaN and 0·Inf poison as in PyTorch (semantics 5).
    return std::isfinite(low) ? sum.high + low : sum.high;
}

}  // namespace

void updateRunningMean(ChannelVector& running, const ForwardRecord& record, DType dtype) {
    for (std::size_t c = 0; c < running.size(); ++c)
        running[c] = roundTo(dtype, blend(running[c], record.factor, record.mean[c], record.meanLow[c]));
}

void updateRunningVar(ChannelVector& running, const std::vector<double>& sumSquares, const ForwardRecord& record,
                      DType dtype) {
    const double degreesOfFreedom = static_cast<double>(record.valuesPerChannel - 1);
    for (std::size_t c = 0; c < running.size(); ++c)
        running[c] = roundTo(dtype, blend(running[c], record.factor, sumSquares[c] / degreesOfFreedom, 0.0));
}

}  // namespace bnstudio
