// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/layer.h"
#include "core/tensor/tensor.h"

namespace bnstudio {

/// The state that F.batch_norm gets to see: in training without tracking the buffers are not passed on.
struct PassedState {
    const ChannelVector* weight = nullptr;
    const ChannelVector* bias = nullptr;
    const ChannelVector* runningMean = nullptr;
    const ChannelVector* runningVar = nullptr;

    PassedState(const LayerState& state, bool withBuffers);
    bool any() const { return weight || bias || runningMean || runningVar; }
};

// The checks of semantics 7 and 9 to 12, in PyTorch's order and words. Each throws Error(Refused).

/// 7: two or three dimensions.
void checkRank(const Dims& shape);
/// 9: more than one value per channel where batch statistics are used.
void checkBatchSize(const Dims& shape);
/// 10: multiplying an empty batch by weight[0] needs a weight[0].
void checkEmptyBatch(const PassedState& state);
/// The dtype of empty · weight[0] + bias[0]: a scalar promotes a tensor of integers to its own dtype and leaves one of
/// floating-point numbers as it is.
DType dtypeOfEmptyOutput(const PassedState& state, DType input, DType layer);
/// 11: lengths, and both buffers where running statistics are used.
void checkChannels(const PassedState& state, std::int64_t channels, bool useBatchStatistics);
/// 12: float32 or float64, the same as the layer's unless it has no tensors at all.
void checkDType(const PassedState& state, DType input, DType layer);

}  // namespace bnstudio
