// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/trace_rule.h"

#include <algorithm>
#include <vector>

namespace bnstudio {

/// Collects the values of one quantity of one step and keeps the one furthest beyond its tolerance.
class CheckBuilder {
public:
    CheckBuilder(const TraceStep& step, TraceQuantity quantity);
    void add(std::size_t channel, std::int64_t element, double expected, double recorded, double tolerance);
    /// The same for a value that was stored as float16 or bfloat16.
    void addStored(DType stored, std::size_t channel, std::int64_t element, double expected, double recorded,
                   double tolerance);
    TraceCheck take();

private:
    TraceCheck m_check;
    std::vector<bool> m_beyond;
};

/// What samples firstRow … of a step are normalised with.
struct Normalisation {
    std::int64_t firstRow = 0;
    std::vector<double> mean, meanLow, var, invstd;
    std::vector<double> meanTolerance, varTolerance, invstdTolerance;  ///< the last one relative
};
/// One for each part of the batch.
std::vector<Normalisation> normalisation(const TraceStep& step, StepStatistics& statistics, const StepRule& rule,
                                         const StepPast& past);

TraceCheck checkOutput(const TraceStep& step, StepStatistics& statistics, const StepRule& rule, const StepPast& past);
/// The gradients of one channel's β and γ, Σdy and Σdy·x̂, and how far PyTorch's may lie from them.
struct ChannelGradient {
    double sumDy = 0, sumDyXhat = 0;
    double biasTolerance = 0, weightTolerance = 0;
};
std::vector<ChannelGradient> parameterGradients(const TraceStep& step, StepStatistics& statistics, const StepRule& rule,
                                                const StepPast& past);
/// grad_bias, grad_weight and grad_input, as far as they were recorded.
void checkGradients(const TraceStep& step, StepStatistics& statistics, const StepRule& rule, const StepPast& past,
                    std::vector<TraceCheck>& checks);

}  // namespace bnstudio
