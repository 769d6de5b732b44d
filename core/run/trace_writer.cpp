// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/trace_writer.h"

#include "core/norm/state_dict.h"

#include <algorithm>

namespace bnstudio {

namespace {

Tensor vectorTensor(DType dtype, const std::vector<double>& values) {
    Tensor tensor(dtype, {static_cast<std::int64_t>(values.size())});
    for (std::size_t i = 0; i < values.size(); ++i)
        tensor.set(static_cast<std::int64_t>(i), values[i]);
    return tensor;
}

Tensor scalarTensor(DType dtype, double value) {
    Tensor tensor(dtype, {});
    tensor.set(0, value);
    return tensor;
}

/// Adds "prefix" + name + ".k"; what is absent is left out.
class StepKeys {
public:
    StepKeys(NpzWriter& file, const std::string& prefix, std::int64_t step, DType dtype = DType::Float64)
        : m_file(file), m_prefix(prefix), m_suffix("." + std::to_string(step)), m_dtype(dtype) {}

    void add(const char* name, const Tensor& tensor) { m_file.add(m_prefix + name + m_suffix, tensor); }
    void add(const char* name, const Tensor* tensor) {
        if (tensor)
            add(name, *tensor);
    }
    void add(const char* name, const std::vector<double>& values) { add(name, vectorTensor(m_dtype, values)); }
    void add(const char* name, double value) { add(name, scalarTensor(m_dtype, value)); }
    void add(const char* name, std::int64_t value) { add(name, Tensor::of<std::int64_t>({}, {value})); }
    template <class T>
    void add(const char* name, const std::optional<T>& value) {
        if (value)
            add(name, *value);
    }

private:
    NpzWriter& m_file;
    std::string m_prefix, m_suffix;
    DType m_dtype;
};

std::vector<double> meansUsed(const ForwardRecord& forward) {
    std::vector<double> means = forward.mean;
    for (std::size_t c = 0; c < means.size() && c < forward.meanLow.size(); ++c)
        means[c] += forward.meanLow[c];
    return means;
}

/// A NaN differs from itself: then the buffers are written once more, which does no harm.
bool sameBuffers(const LayerState& a, const LayerState& b) {
    return a.runningMean == b.runningMean && a.runningVar == b.runningVar && a.numBatchesTracked == b.numBatchesTracked;
}

}  // namespace

std::vector<std::string> uniqueLaneNames(const Recipe& recipe) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < recipe.lanes.size(); ++i) {
        std::string name = recipe.lanes[i].name;
        while (name.empty() || std::find(names.begin(), names.end(), name) != names.end())
            name += "_" + std::to_string(i);
        names.push_back(std::move(name));
    }
    return names;
}

std::vector<std::string> lanePrefixes(const Recipe& recipe) {
    std::vector<std::string> prefixes = uniqueLaneNames(recipe);
    for (std::string& prefix : prefixes)
        prefix += '/';
    prefixes.front().clear();
    return prefixes;
}

TraceWriter::TraceWriter(std::filesystem::path target, const Run& run)
    : m_file(std::move(target)), m_prefixes(lanePrefixes(run.recipe())) {
    const State& initial = run.initialState();
    for (std::size_t i = 0; i < initial.size(); ++i) {
        const BatchNorm1d& layer = initial[i]->layer;
        for (const auto& [key, tensor] : stateDict(layer).entries)
            m_file.add(m_prefixes[i] + "init." + key, tensor);
        m_recorded.push_back(layer.state());
        m_meta.push_back({layer.options().eps, layer.options().momentum, run.recipe().lanes[i].name, {}});
    }
}

void TraceWriter::tensors(std::int64_t step, int lane, const Run::StepTensors& tensors) {
    if (!tensors.x || !tensors.y)
        return;
    StepKeys keys(m_file, m_prefixes[static_cast<std::size_t>(lane)], step);
    keys.add("x", tensors.x);
    keys.add("y", tensors.y);
    keys.add("grad_output", tensors.gradOutput);
    keys.add("grad_input", tensors.gradInput);
}

void TraceWriter::step(const Snapshot& snapshot) {
    for (std::size_t i = 0; i < snapshot.lanes.size(); ++i) {
        const LaneSnapshot& lane = *snapshot.lanes[i];
        if (lane.refused() || lane.skipped)
            continue;
        const LayerState& before = lane.before->layer.state();
        if (!sameBuffers(before, m_recorded[i])) {
            StepKeys keys(m_file, m_prefixes[i], snapshot.step, lane.before->layer.options().dtype);
            keys.add("running_mean_before", before.runningMean);
            keys.add("running_var_before", before.runningVar);
            keys.add("num_batches_tracked_before", before.numBatchesTracked);
        }
        laneStep(i, snapshot.step, lane);
        m_recorded[i] = lane.after->layer.state();
    }
}

void TraceWriter::laneStep(std::size_t index, std::int64_t step, const LaneSnapshot& lane) {
    const LayerOptions& options = lane.before->layer.options();
    const LayerState& used = lane.before->layer.state();
    const LayerState& after = lane.after->layer.state();
    StepKeys keys(m_file, m_prefixes[index], step, options.dtype);
    if (!lane.forward.mean.empty()) {
        keys.add("mean", meansUsed(lane.forward));
        keys.add("var", lane.forward.var);
    }
    keys.add("weight", used.weight);
    keys.add("bias", used.bias);
    keys.add("running_mean", after.runningMean);
    keys.add("running_var", after.runningVar);
    keys.add("num_batches_tracked", after.numBatchesTracked);
    if (lane.backward) {
        keys.add("grad_weight", lane.backward->gradWeight);
        keys.add("grad_bias", lane.backward->gradBias);
    }
    keys.add("loss", lane.loss);
    keys.add("training", std::int64_t{lane.before->trainMode ? 1 : 0});
    keys.add("momentum", scalarTensor(DType::Float64, options.momentum.value_or(lane.forward.factor)));
    if (options.eps != m_meta[index].eps)
        keys.add("eps", scalarTensor(DType::Float64, options.eps));
    m_meta[index].steps.push_back(step);
}

void TraceWriter::commit() {
    for (std::size_t i = 0; i < m_meta.size(); ++i)
        m_file.addText(m_prefixes[i] + "meta", traceMetaText(m_meta[i]));
    m_file.commit();
}

}  // namespace bnstudio
