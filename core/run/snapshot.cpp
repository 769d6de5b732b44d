// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/snapshot_bytes.h"

namespace bnstudio {

namespace {

template <class T>
std::size_t heapBytes(const std::vector<T>& values) {
    return values.capacity() * sizeof(T);
}
template <class T>
std::size_t heapBytes(const std::optional<std::vector<T>>& values) {
    return values ? heapBytes(*values) : 0;
}
std::size_t heapBytes(const OptimizerState::Buffers& buffers) {
    return heapBytes(buffers.momentum) + heapBytes(buffers.expAvg) + heapBytes(buffers.expAvgSq);
}
std::size_t heapBytes(const Moments& moments) {
    return heapBytes(moments.mean) + heapBytes(moments.meanLow) + heapBytes(moments.var)
           + heapBytes(moments.sumSquares);
}
std::size_t heapBytes(const ForwardRecord& record) {
    return heapBytes(record.mean) + heapBytes(record.meanLow) + heapBytes(record.var) + heapBytes(record.invstd);
}
std::size_t heapBytes(const BackwardRecord& record) {
    return heapBytes(record.sumDy) + heapBytes(record.sumDyXhat) + heapBytes(record.gradWeight)
           + heapBytes(record.gradBias);
}
std::size_t heapBytes(const LaneSnapshot& lane) {
    return lane.error.capacity() + heapBytes(lane.inputShape) + heapBytes(lane.forward) + heapBytes(lane.batch)
           + heapBytes(lane.health) + heapBytes(lane.outputMean) + heapBytes(lane.outputVar)
           + (lane.backward ? heapBytes(*lane.backward) : 0);
}

}  // namespace

std::size_t byteSize(const LaneState& lane) {
    const LayerState& state = lane.layer.state();
    const LossSpec& loss = lane.training.loss;
    return sizeof lane + heapBytes(state.weight) + heapBytes(state.bias) + heapBytes(state.runningMean)
           + heapBytes(state.runningVar) + heapBytes(lane.optimizer.weight) + heapBytes(lane.optimizer.bias)
           + heapBytes(loss.target) + heapBytes(loss.teacherWeight) + heapBytes(loss.teacherBias);
}

std::size_t byteSizeWithoutStates(const Snapshot& snapshot) {
    std::size_t bytes = sizeof snapshot + heapBytes(snapshot.batchShape) + heapBytes(snapshot.lanes);
    if (snapshot.population)
        bytes += heapBytes(snapshot.population->mean) + heapBytes(snapshot.population->var);
    for (const auto& lane : snapshot.lanes)
        bytes += lane ? sizeof *lane + heapBytes(*lane) : 0;
    return bytes;
}

std::size_t Snapshot::byteSize() const {
    std::size_t bytes = byteSizeWithoutStates(*this);
    for (const auto& lane : lanes) {
        if (!lane)
            continue;
        bytes += bnstudio::byteSize(*lane->before);
        bytes += lane->after == lane->before ? 0 : bnstudio::byteSize(*lane->after);
    }
    return bytes;
}

}  // namespace bnstudio
