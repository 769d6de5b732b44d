// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/batch_stream.h"
#include "core/run/recipe.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bnstudio {

/// Everything of one lane that lives from step to step. Immutable once shared.
struct LaneState {
    BatchNorm1d layer;
    bool trainMode = true;
    TrainingSpec training;
    OptimizerState optimizer;
    bool operator==(const LaneState&) const = default;
};

/// The state before a step: a keyframe.
using State = std::vector<std::shared_ptr<const LaneState>>;

/// What one step did in one lane; O(C).
struct LaneSnapshot {
    std::shared_ptr<const LaneState> before;  ///< with the events of this step applied
    std::shared_ptr<const LaneState> after;
    bool skipped = false;
    std::string error;  ///< PyTorch's words when the layer refused the batch; else empty
    Dims inputShape;
    ForwardRecord forward;                      ///< empty vectors when refused, skipped or the batch is empty
    Moments batch;                              ///< of the lane's input, whatever the mode
    std::vector<HealthCounts> health;           ///< of the lane's input, (C)
    std::vector<double> outputMean, outputVar;  ///< of y, biased, (C)
    std::optional<BackwardRecord> backward;
    std::optional<double> loss;
    int groups = 1;  ///< forwards in this step; records are those of the last one
    /// RMS of (batch mean − running mean before) / √(running var before/n) over the channels where that is a number; NaN
    /// where there is none, as without running statistics.
    double surprise = 0;
    bool refused() const { return !error.empty(); }
};

struct Snapshot {
    std::int64_t step = 0;
    BatchOrigin origin;
    Dims batchShape;
    std::optional<Population> population;
    std::vector<std::shared_ptr<const LaneSnapshot>> lanes;
    std::size_t byteSize() const;
};

/// The tensors of one step on display.
struct Frame {
    std::int64_t step = 0;
    int lane = 0;
    std::shared_ptr<const LaneSnapshot> snapshot;
    Tensor x;                                  ///< the lane's input
    Tensor gradOutput;                         ///< dy; size 0 without a backward pass
    std::vector<ChannelTransform> transforms;  ///< (C); empty when the batch was refused
};

}  // namespace bnstudio
