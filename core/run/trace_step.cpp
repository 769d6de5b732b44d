// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/trace_step.h"

#include "core/data/tensor_source.h"
#include "core/run/feed.h"

#include <algorithm>

namespace bnstudio {

namespace {

/// Reads a tensor of the batch's shape; false when the step does not have it.
bool loadTensor(const Trace& trace, TraceKey key, std::int64_t index, DType dtype, Tensor& out, DType& stored) {
    const auto tensor = trace.find(key, index);
    if (!tensor)
        return false;
    stored = tensor->dtype();
    out = tensor->read().convertedTo(dtype);
    if (out.rank() > 3)
        out.setShape(foldedShape(out.shape()));
    return true;
}

std::optional<double> momentumOf(const Trace& trace, std::int64_t index, bool training) {
    if (trace.meta().hasMomentum && !trace.meta().momentum)
        return std::nullopt;
    const double base = trace.meta().momentum.value_or(LayerOptions{}.momentum.value_or(0));
    return training ? trace.scalar(TraceKey::Momentum, index).value_or(base) : base;
}

}  // namespace

TraceStep loadTraceStep(const Trace& trace, std::int64_t index) {
    TraceStep step;
    step.index = index;
    step.number = trace.numberOf(index);
    step.dtype = trace.dtype();
    step.training = trace.isTraining(index);
    step.eps = trace.scalar(TraceKey::Eps, index).value_or(trace.meta().eps.value_or(LayerOptions{}.eps));
    step.momentum = momentumOf(trace, index, step.training);
    DType ignored;
    step.hasX = loadTensor(trace, TraceKey::X, index, step.dtype, step.x, step.xStored);
    step.hasY = step.hasX && loadTensor(trace, TraceKey::Y, index, step.dtype, step.y, step.yStored);
    step.hasGradOutput =
        step.hasX && loadTensor(trace, TraceKey::GradOutput, index, step.dtype, step.gradOutput, ignored);
    step.hasGradInput =
        step.hasGradOutput
        && loadTensor(trace, TraceKey::GradInput, index, step.dtype, step.gradInput, step.gradInputStored);
    // Recorders store short dtypes as float32, which holds them exactly; what they were, the recording tells.
    const TrainingDTypes dtypes = trace.dtypes(index);
    step.xStored = dtypes.input.value_or(step.xStored);
    step.yStored = dtypes.output.value_or(step.yStored);
    step.gradInputStored = dtypes.input.value_or(step.gradInputStored);
    step.stateStored = dtypes.state.value_or(step.dtype);
    step.mean = trace.vector(TraceKey::Mean, index);
    step.var = trace.vector(TraceKey::Var, index);
    step.n = step.hasX ? BatchShape::of(step.x.shape()).valuesPerChannel()
                       : trace.count(TraceKey::ValuesPerChannel, index).value_or(0);
    step.weight = trace.vector(TraceKey::Weight, index);
    step.bias = trace.vector(TraceKey::Bias, index);
    if (!trace.hasAnywhere(TraceKey::Weight))
        step.weight = trace.initial().weight;
    if (!trace.hasAnywhere(TraceKey::Bias))
        step.bias = trace.initial().bias;
    step.runningMean = trace.vector(TraceKey::RunningMean, index);
    step.runningVar = trace.vector(TraceKey::RunningVar, index);
    step.gradWeight = trace.vector(TraceKey::GradWeight, index);
    step.gradBias = trace.vector(TraceKey::GradBias, index);
    step.tracked = trace.count(TraceKey::BatchesTracked, index);
    step.before = trace.buffersBefore(index);
    return step;
}

double TraceStep::shortRoundoff() const {
    const bool isShort = stateStored == DType::Float16 || stateStored == DType::BFloat16;
    return isShort ? unitRoundoff(stateStored) : 0;
}

const Tensor& StepStatistics::batch(DType rounded) {
    if (rounded == DType::Float64)
        return m_step.x;
    const auto found = m_rounded.find(rounded);
    if (found != m_rounded.end())
        return found->second;
    Tensor copy = m_step.x;
    for (std::int64_t i = 0; i < copy.size(); ++i)
        copy.set(i, roundToStored(rounded, copy.at(i)));
    return m_rounded.emplace(rounded, std::move(copy)).first->second;
}

const std::vector<StepStatistics::Part>& StepStatistics::of(const BatchView& view) {
    const auto found = m_parts.find(view);
    if (found != m_parts.end())
        return found->second;
    std::vector<Part> parts;
    if (!m_step.hasX) {
        parts.push_back({0, recordedStatistics(*m_step.mean, *m_step.var, m_step.n, m_step.dtype)});
    } else {
        const Tensor& whole = batch(view.rounded);
        const std::int64_t rows = whole.shape()[0];
        const std::int64_t size = std::max<std::int64_t>(1, (rows + view.parts - 1) / view.parts);
        Tensor cut;
        for (std::int64_t first = 0; first == 0 || first < rows; first += size) {
            if (size < rows)
                copyRows(whole, first, std::min(size, rows - first), cut);
            parts.push_back({first, batchStatistics(size < rows ? cut : whole)});
        }
    }
    for (Part& part : parts)
        addRounding(m_step.shortRoundoff(), part.statistics);
    return m_parts.emplace(view, std::move(parts)).first->second;
}

}  // namespace bnstudio
