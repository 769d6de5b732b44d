// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/tensor.h"

#include <cstdint>
#include <vector>

namespace bnstudio {

/// How many values of a channel are what; the six add up to n = N·L.
struct HealthCounts {
    std::uint32_t negInf = 0, negative = 0, zero = 0, positive = 0, posInf = 0, nan = 0;
    std::uint32_t nonFinite() const { return negInf + posInf + nan; }
    bool operator==(const HealthCounts&) const = default;
};

/// First two moments of every channel over N and L, in double.
struct Moments {
    std::int64_t valuesPerChannel = 0;
    std::vector<double> mean,
        meanLow;                     ///< mean = mean + meanLow; the low part matters for float64 and is 0 for float32
    std::vector<double> var;         ///< biased: Σ(x − mean)²/n; the unbiased one is var·n/(n − 1)
    std::vector<double> sumSquares;  ///< Σ(x − mean)², for the unbiased variance without a detour
    bool operator==(const Moments&) const = default;
};

/// Moments of a rank-2 or rank-3 Float32 or Float64 batch. Bits do not depend on the number of threads nor on the
/// processor. With n = 0 mean and var are NaN. NaN and infinities propagate as in semantics 31.
Moments computeMoments(const Tensor& batch);
/// The same into vectors that are reused; with @p health the values are also counted, on the way.
void computeMoments(const Tensor& batch, Moments& moments, std::vector<HealthCounts>* health = nullptr);
/// Health counts of every channel.
std::vector<HealthCounts> countHealth(const Tensor& batch);
/// Smallest and largest finite value over the whole tensor for each channel; {0, 0} where there is none.
struct Range {
    double low = 0, high = 0;
};
std::vector<Range> channelRanges(const Tensor& batch);

}  // namespace bnstudio
