// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/diagnosis.h"
#include "core/run/trace_step.h"

namespace bnstudio {

/// What a step computes from batch, parameters and buffers: PyTorch's rule, or one with a fault in it.
struct StepRule {
    bool training = true;
    double eps = 1e-5, epsSlack = 0;       ///< slack: standard error of an estimate
    bool epsOutsideRoot = false;           ///< 1/(√var + eps)
    double factor = 0.1, factorSlack = 0;  ///< weight of the new batch in the running statistics
    bool biased = false;                   ///< running_var takes Σd²/n
    int repeats = 1;                       ///< updates of the running statistics
    bool ignoresCounter = false;           ///< num_batches_tracked says nothing about this fault
    bool previousBatch = false;            ///< the running statistics take the batch of the step before
    DType roundedInput = DType::Float64, roundedOutput = DType::Float64, roundedStatistics = DType::Float64;
    std::int64_t parts = 1;    ///< each chunk normalised by itself; the first one updates the buffers
    bool accumulates = false;  ///< gradients of γ and β are added to those of the step before
    double gradientScale = 1;  ///< of the gradients of γ and β
};
/// PyTorch's rule with the recorded settings. @p tracked is the counter after the step, for momentum None.
StepRule torchRule(const TraceStep& step);

/// What a step takes from the ones before it.
struct StepPast {
    LayerState before;  ///< buffers; absent ones are not checked
    std::optional<BatchStatistics> previousBatch;
    std::optional<ChannelVector> gradWeight, gradBias;  ///< recorded in the step before
};

/// Every recorded quantity of a step beside the rule's, in the order of TraceQuantity.
std::vector<TraceCheck> checkStep(const TraceStep& step, StepStatistics& statistics, const StepRule& rule,
                                  const StepPast& past);
/// running_mean and running_var that the rule gives, rounded to the layer's dtype.
LayerState buffersAfter(const TraceStep& step, StepStatistics& statistics, const StepRule& rule, const StepPast& past);

/// |recorded − expected| / tolerance: 0 for equal values and for two NaN, infinite where only one is a number.
double excessOf(double expected, double recorded, double tolerance);

}  // namespace bnstudio
