// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/trace.h"
#include "core/run/trace_statistics.h"

#include <map>
#include <optional>

namespace bnstudio {

/// The values of one recorded step in memory. Batches have rank 2 or 3 and the dtype of the layer.
struct TraceStep {
    std::int64_t index = 0, number = 0;
    DType dtype = DType::Float32;
    bool training = true;
    double eps = 1e-5;
    std::optional<double> momentum;  ///< the setting; nothing is None
    Tensor x, y, gradOutput, gradInput;
    bool hasX = false, hasY = false, hasGradOutput = false, hasGradInput = false;
    DType xStored = DType::Float32, yStored = DType::Float32, gradInputStored = DType::Float32;
    DType stateStored = DType::Float32;  ///< buffers and gradients of γ and β
    std::int64_t n = 0;                  ///< values a channel
    std::optional<ChannelVector> mean, var, weight, bias, runningMean, runningVar, gradWeight, gradBias;
    std::optional<std::int64_t> tracked;
    LayerState before;  ///< buffers, as recorded

    double weightOf(std::size_t channel) const { return weight ? (*weight)[channel] : 1.0; }
    double biasOf(std::size_t channel) const { return bias ? (*bias)[channel] : 0.0; }
    /// A layer in a shorter type rounds what it keeps a value a channel to that type: the batch's mean and variance,
    /// 1/√(var + eps), and α and β of y = α·x + β. Its unit roundoff; 0 for other layers.
    double shortRoundoff() const;
};
TraceStep loadTraceStep(const Trace& trace, std::int64_t index);

/// What a rule may have done to a batch before the statistics: rounded it, cut it into parts.
struct BatchView {
    DType rounded = DType::Float64;  ///< Float16 or BFloat16: rounded to it
    std::int64_t parts = 1;          ///< chunks of ⌈N/parts⌉ samples, as torch.chunk makes them
    auto operator<=>(const BatchView&) const = default;
};

/// The statistics of a step's batch under different views, each formed once.
class StepStatistics {
public:
    explicit StepStatistics(const TraceStep& step) : m_step(step) {}
    /// One a part, with the sample it starts at.
    struct Part {
        std::int64_t firstRow = 0;
        BatchStatistics statistics;
    };
    const std::vector<Part>& of(const BatchView& view);
    /// The batch as the view shows it, whole.
    const Tensor& batch(DType rounded);

private:
    const TraceStep& m_step;
    std::map<BatchView, std::vector<Part>> m_parts;
    std::map<DType, Tensor> m_rounded;
};

}  // namespace bnstudio
