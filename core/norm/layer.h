// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/dtype.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bnstudio {

/// One number per channel. Every value is representable in the layer's dtype unless a comment says "double".
using ChannelVector = std::vector<double>;

/// The constructor arguments of torch.nn.BatchNorm1d, with its defaults (semantics 1).
struct LayerOptions {
    std::int64_t numFeatures = 0;
    double eps = 1e-5;
    std::optional<double> momentum = 0.1;  ///< nothing is None: cumulative average
    bool affine = true;
    bool trackRunningStats = true;
    DType dtype = DType::Float32;  ///< Float32 or Float64
    bool operator==(const LayerOptions&) const = default;
};

/// Parameters and buffers, state-dict order; an absent one is PyTorch's None.
struct LayerState {
    std::optional<ChannelVector> weight, bias, runningMean, runningVar;
    std::optional<std::int64_t> numBatchesTracked;
    bool operator==(const LayerState&) const = default;
};

/// What a forward normalised with, kept for the backward pass and for showing.
struct ForwardRecord {
    bool usedBatchStatistics = false;  ///< else the running ones
    bool updatedMean = false, updatedVar = false, counted = false;
    double factor = 0;                  ///< weight of the new batch in the running statistics (momentum or 1/counter)
    std::int64_t valuesPerChannel = 0;  ///< n = N·L
    /// double, (C): mean used = mean + meanLow (the low part matters for float64 only), biased variance used
    /// (in training Σd²/n, in eval running_var), 1/√(var + eps).
    std::vector<double> mean, meanLow, var, invstd;
    bool operator==(const ForwardRecord&) const = default;
};

/// Gradients of one backward pass, (C), double before rounding to the layer's dtype where stored as gradients.
struct BackwardRecord {
    std::vector<double> sumDy;                          ///< S = Σ dy
    std::vector<double> sumDyXhat;                      ///< Σ dy·x̂ = P·invstd
    std::optional<ChannelVector> gradWeight, gradBias;  ///< absent where the parameter is None
    bool operator==(const BackwardRecord&) const = default;
};

}  // namespace bnstudio
