// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/trace_writer.h"

#include <algorithm>

namespace bnstudio {

namespace {

Tensor vectorTensor(const ChannelVector& values, DType dtype) {
    Tensor tensor(dtype, {static_cast<std::int64_t>(values.size())});
    for (std::size_t c = 0; c < values.size(); ++c)
        tensor.set(static_cast<std::int64_t>(c), values[c]);
    return tensor;
}

Tensor counterTensor(std::int64_t value) {
    return Tensor::of<std::int64_t>({}, {value});
}

}  // namespace

TraceWriter::TraceWriter(std::filesystem::path target, const Run& run) : m_file(std::move(target)) {
    const auto& lanes = run.recipe().lanes;
    for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
        m_prefixes.push_back(lane == 0 ? std::string() : lanes[lane].name + "/");
        const BatchNorm1d& layer = run.initialState()[lane]->layer;
        const LayerState& state = layer.state();
        const DType dtype = layer.options().dtype;
        const int index = static_cast<int>(lane);
        if (state.weight)
            addVector(index, "init.weight", *state.weight, dtype);
        if (state.bias)
            addVector(index, "init.bias", *state.bias, dtype);
        addState(index, state, dtype, "init.", "");
    }
}

void TraceWriter::add(int lane, const std::string& name, const Tensor& tensor) {
    m_file.add(m_prefixes[static_cast<std::size_t>(lane)] + name, tensor);
}

void TraceWriter::addVector(int lane, const std::string& name, const ChannelVector& values, DType dtype) {
    add(lane, name, vectorTensor(values, dtype));
}

void TraceWriter::addState(int lane, const LayerState& state, DType dtype, const std::string& prefix,
                           const std::string& suffix) {
    if (state.runningMean)
        addVector(lane, prefix + "running_mean" + suffix, *state.runningMean, dtype);
    if (state.runningVar)
        addVector(lane, prefix + "running_var" + suffix, *state.runningVar, dtype);
    if (state.numBatchesTracked)
        add(lane, prefix + "num_batches_tracked" + suffix, counterTensor(*state.numBatchesTracked));
}

void TraceWriter::tensors(std::int64_t step, int lane, const Run::StepTensors& tensors) {
    const std::string suffix = "." + std::to_string(step);
    if (tensors.x)
        add(lane, "x" + suffix, *tensors.x);
    if (tensors.y)
        add(lane, "y" + suffix, *tensors.y);
    if (tensors.gradOutput)
        add(lane, "grad_output" + suffix, *tensors.gradOutput);
    if (tensors.gradInput)
        add(lane, "grad_input" + suffix, *tensors.gradInput);
}

void TraceWriter::step(const Snapshot& snapshot) {
    const std::string suffix = "." + std::to_string(snapshot.step);
    for (std::size_t index = 0; index < snapshot.lanes.size(); ++index) {
        const LaneSnapshot& lane = *snapshot.lanes[index];
        if (lane.refused() || lane.skipped)
            continue;
        const int at = static_cast<int>(index);
        const DType dtype = lane.before->layer.options().dtype;
        const LayerState& used = lane.before->layer.state();
        if (!lane.forward.mean.empty()) {
            addVector(at, "mean" + suffix, lane.forward.mean, dtype);
            addVector(at, "var" + suffix, lane.forward.var, dtype);
        }
        if (used.weight)
            addVector(at, "weight" + suffix, *used.weight, dtype);
        if (used.bias)
            addVector(at, "bias" + suffix, *used.bias, dtype);
        addState(at, lane.after->layer.state(), dtype, "", suffix);
        if (lane.backward) {
            if (lane.backward->gradWeight)
                addVector(at, "grad_weight" + suffix, *lane.backward->gradWeight, dtype);
            if (lane.backward->gradBias)
                addVector(at, "grad_bias" + suffix, *lane.backward->gradBias, dtype);
        }
        if (lane.loss)
            add(at, "loss" + suffix, Tensor::of<double>({}, {*lane.loss}));
        add(at, "training" + suffix, counterTensor(lane.before->trainMode ? 1 : 0));
    }
}

void TraceWriter::commit() {
    m_file.commit();
}

}  // namespace bnstudio
