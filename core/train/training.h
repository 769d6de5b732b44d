// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/batch_norm.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace bnstudio {

/// Where the upstream gradient dy comes from when there is no loss.
struct UpstreamSpec {
    enum class Kind { None, Ones, Random, Source };
    Kind kind = Kind::None;
    std::uint64_t seed = 0;  ///< Random: standard normal values; Source: the recipe's gradient sources
    bool operator==(const UpstreamSpec&) const = default;
};

/// A loss on y, reduction "mean" over all elements as in torch.nn (Sum: no reduction).
struct LossSpec {
    enum class Kind { None, MseTarget, MseTeacher, Sum };
    Kind kind = Kind::None;
    std::vector<double> target{0.0};         ///< one value or one a channel
    std::vector<double> teacherWeight{1.0};  ///< γ*; the target is γ*·x̂ + β*
    std::vector<double> teacherBias{0.0};    ///< β*
    bool operator==(const LossSpec&) const = default;
};

/// torch.optim's SGD and Adam with coupled weight decay; they update γ and β.
struct OptimizerSpec {
    enum class Kind { None, Sgd, Adam };
    Kind kind = Kind::None;
    double lr = 0.1;
    double momentum = 0, weightDecay = 0;
    bool nesterov = false;
    double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
    bool operator==(const OptimizerSpec&) const = default;
};

/// Buffers of an optimiser for γ and β, in double.
struct OptimizerState {
    struct Buffers {
        std::vector<double> momentum;          ///< SGD momentum buffer; empty before the first step
        std::vector<double> expAvg, expAvgSq;  ///< Adam
        bool operator==(const Buffers&) const = default;
    };
    std::int64_t steps = 0;
    Buffers weight, bias;
    bool operator==(const OptimizerState&) const = default;
};

/// Value per channel out of "one value or one a channel".
double perChannel(const std::vector<double>& values, std::int64_t channel);

/// Evaluates the loss and fills dy = ∂loss/∂y (reused storage, dtype of y). Sums run in double over fixed chunks.
/// Throws Error(Usage) when a per-channel list has neither one nor C values.
double evaluateLoss(const LossSpec& spec, const Tensor& x, const Tensor& y, const ForwardRecord& record, Tensor& dy);

/// One optimiser step on the layer's weight and bias; results are rounded to the layer's dtype. Parameters that are
/// None, or whose gradient is absent, stay. Source: the algorithms in the documentation of torch.optim.SGD and Adam.
void optimizerStep(const OptimizerSpec& spec, OptimizerState& state, BatchNorm1d& layer,
                   const BackwardRecord& gradients);

}  // namespace bnstudio
