// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/lane_step.h"

#include "core/data/random.h"
#include "core/data/tensor_source.h"
#include "core/error.h"
#include "core/parallel/parallel.h"
#include "core/run/events.h"
#include "core/run/feed.h"
#include "core/run/recorded_state.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace bnstudio {

namespace {

// The generators use small stream numbers; this one keeps gradients apart from batches of the same seed.
constexpr std::uint32_t upstreamStream = 256;

/// The work is in chunks of a fixed size, so that a chunk's values can wait on the stack.
template <class Fill>
void fillInChunks(Tensor& out, const Fill& fill) {
    constexpr std::int64_t chunk = 2048;
    parallelFor((out.size() + chunk - 1) / chunk, [&](std::int64_t index) {
        std::array<double, chunk> values;
        const std::int64_t first = index * chunk;
        const std::int64_t count = std::min(chunk, out.size() - first);
        fill(first, std::span<double>(values.data(), static_cast<std::size_t>(count)));
        for (std::int64_t i = 0; i < count; ++i)
            out.set(first + i, values[static_cast<std::size_t>(i)]);
    });
}

void scale(Tensor& tensor, double factor) {
    fillInChunks(tensor, [&](std::int64_t first, std::span<double> values) {
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = tensor.at(first + static_cast<std::int64_t>(i)) * factor;
    });
}

/// Mean and variance of y. y is affine in x channel by channel, so they follow from the moments of x; they are those of
/// y before it is rounded to the layer's dtype.
void describeOutput(LaneSnapshot& result, const LayerState& parameters) {
    const ForwardRecord& forward = result.forward;
    const std::size_t channels = forward.mean.size();
    result.outputMean.resize(channels);
    result.outputVar.resize(channels);
    for (std::size_t c = 0; c < channels; ++c) {
        const double centred =
            (result.batch.mean[c] - forward.mean[c]) + (result.batch.meanLow[c] - forward.meanLow[c]);
        const double slope = parameters.weight ? forward.invstd[c] * (*parameters.weight)[c] : forward.invstd[c];
        // As for y, an infinite invstd gives NaN (semantics 32).
        const double shift = (parameters.bias ? (*parameters.bias)[c] : 0.0) + (forward.invstd[c] - forward.invstd[c]);
        result.outputMean[c] = centred * slope + shift;
        result.outputVar[c] = result.batch.var[c] * slope * slope;
    }
}

// Over the channels where it is a number: one poisoned channel must not hide what the others say.
double surpriseOf(const Moments& batch, const LayerState& state) {
    const std::size_t channels = batch.mean.size();
    if (!state.runningMean || !state.runningVar || state.runningMean->size() != channels
        || state.runningVar->size() != channels || channels == 0 || batch.valuesPerChannel == 0)
        return std::numeric_limits<double>::quiet_NaN();
    double sum = 0;
    std::size_t counted = 0;
    for (std::size_t c = 0; c < channels; ++c) {
        const double distance = batch.mean[c] - (*state.runningMean)[c];
        const double squared =
            distance * distance / ((*state.runningVar)[c] / static_cast<double>(batch.valuesPerChannel));
        if (!(squared >= 0) || std::isinf(squared))
            continue;
        sum += squared;
        ++counted;
    }
    return counted == 0 ? std::numeric_limits<double>::quiet_NaN() : std::sqrt(sum / static_cast<double>(counted));
}

/// .grad accumulates in the layer's dtype.
void addGradients(BackwardRecord& sum, const BackwardRecord& earlier, DType dtype) {
    const auto add = [dtype](std::optional<ChannelVector>& values, const std::optional<ChannelVector>& more) {
        for (std::size_t c = 0; values && more && c < values->size() && c < more->size(); ++c)
            (*values)[c] = roundTo(dtype, (*values)[c] + (*more)[c]);
    };
    add(sum.gradWeight, earlier.gradWeight);
    add(sum.gradBias, earlier.gradBias);
}

void requireLossFits(const LossSpec& loss, std::int64_t channels) {
    const auto check = [channels](const char* key, const std::vector<double>& values) {
        if (values.size() != 1 && static_cast<std::int64_t>(values.size()) != channels)
            throw Error(ErrorCode::Refused, std::string(key) + " of the loss has " + std::to_string(values.size())
                                                + " values, expected 1 or one for each of the "
                                                + std::to_string(channels) + " channels");
    };
    if (loss.kind == LossSpec::Kind::MseTarget)
        check("target", loss.target);
    if (loss.kind == LossSpec::Kind::MseTeacher) {
        check("teacher γ*", loss.teacherWeight);
        check("teacher β*", loss.teacherBias);
    }
}

}  // namespace

LaneStep::LaneStep(const StepRequest& request, std::span<const Event> events, std::size_t lane, Workspace& workspace,
                   bool outputWanted)
    : m_request(request),
      m_events(events),
      m_lane(lane),
      m_workspace(workspace),
      m_tensors(workspace.lanes[lane]),
      m_outputWanted(outputWanted) {
    m_tensors.gradient = m_tensors.x = m_tensors.gradOutput = m_tensors.produced = nullptr;
}

LaneSnapshot LaneStep::run(const std::shared_ptr<const LaneState>& before,
                           const std::vector<std::shared_ptr<const LaneSnapshot>>& earlier) {
    m_result.surprise = std::numeric_limits<double>::quiet_NaN();
    bool changed = false;
    try {
        applyEvents(before);
        m_state = *m_result.before;
        m_result.skipped = isSkipped();
        const Tensor* x = m_result.skipped ? nullptr : input(earlier);
        if (x) {
            changed = true;
            requireLossFits(m_state.training.loss, x->shape()[1]);
            prepareGradient(*x);
            if (m_request.recipe.lanes[m_lane].feed.kind == Feed::Kind::Groups)
                runGroups(*x);
            else
                runWhole(*x);
            update();
            visit();
        }
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Refused)
            throw;
        m_result.error = error.what();
        m_result.forward = {};
        m_result.backward.reset();
        m_result.loss.reset();
        m_result.outputMean.clear();
        m_result.outputVar.clear();
        m_tensors.gradOutput = m_tensors.produced = nullptr;
    }
    m_result.after = changed ? std::make_shared<const LaneState>(std::move(m_state)) : m_result.before;
    return std::move(m_result);
}

/// Leaves `before` with the events that took effect, even when one of them raises.
void LaneStep::applyEvents(const std::shared_ptr<const LaneState>& before) {
    m_result.before = before;
    if (m_request.applyEvents && recording())
        takeRecordedState();
    std::shared_ptr<LaneState> changed;
    for (const Event& event : m_events) {
        if (!m_request.applyEvents || !concerns(event) || editsBatch(event.action)
            || std::holds_alternative<SkipBatch>(event.action))
            continue;
        if (!changed)
            m_result.before = changed = std::make_shared<LaneState>(*m_result.before);
        applyToLane(event.action, *changed);
    }
    if (m_request.forcedMode && m_request.onlyLane == static_cast<int>(m_lane)) {
        changed = std::make_shared<LaneState>(*m_result.before);
        applyToLane(SetMode{*m_request.forcedMode}, *changed);
        m_result.before = changed;
    }
}

const Trace* LaneStep::recording() const {
    return m_lane < m_request.recordings.size() ? m_request.recordings[m_lane].get() : nullptr;
}

/// What the recorded step started from replaces what the step before left.
void LaneStep::takeRecordedState() {
    const auto state = std::make_shared<LaneState>(*m_result.before);
    applyRecorded(*recording(), m_request.recipe, m_lane, m_request.step, *state);
    m_result.before = state;
}

bool LaneStep::isSkipped() const {
    return std::any_of(m_events.begin(), m_events.end(), [this](const Event& event) {
        return concerns(event) && std::holds_alternative<SkipBatch>(event.action);
    });
}

/// The batch of the step as this lane's events leave it.
const Tensor& LaneStep::editedBatch() {
    const Tensor* result = &m_workspace.batch;
    for (const Event& event : m_events) {
        if (!concerns(event) || !editsBatch(event.action))
            continue;
        if (result == &m_workspace.batch)
            m_tensors.editedBatch = m_workspace.batch;
        result = &m_tensors.editedBatch;
        applyToBatch(event.action, m_tensors.editedBatch, m_request.batchBytes);
    }
    return *result;
}

const Tensor& LaneStep::editedGradient() {
    const Tensor* result = &m_workspace.gradient;
    for (const Event& event : m_events) {
        if (!concerns(event) || !std::holds_alternative<PadBatch>(event.action))
            continue;
        if (result == &m_workspace.gradient)
            m_tensors.editedGradient = m_workspace.gradient;
        result = &m_tensors.editedGradient;
        applyToGradient(event.action, m_tensors.editedGradient);
    }
    return *result;
}

/// What the layer sees, or null when the lane that feeds it skipped this step.
const Tensor* LaneStep::input(const std::vector<std::shared_ptr<const LaneSnapshot>>& earlier) {
    const Feed& feed = m_request.recipe.lanes[m_lane].feed;
    const DType dtype = m_state.layer.options().dtype;
    if (feed.kind != Feed::Kind::LaneOutput)
        return &feedOf(feed, editedBatch(), dtype, m_tensors.fed);
    const auto source = static_cast<std::size_t>(feed.lane);
    if (earlier[source]->skipped) {
        m_result.skipped = true;
        return nullptr;
    }
    if (m_workspace.lanes[source].produced == nullptr)
        throw Error(ErrorCode::Refused, "no input: lane " + m_request.recipe.lanes[source].name + " refused its batch");
    return &feedOf(feed, *m_workspace.lanes[source].produced, dtype, m_tensors.fed);
}

/// dy for the whole input when it comes from the upstream setting; a loss makes its own.
void LaneStep::prepareGradient(const Tensor& x) {
    const UpstreamSpec& upstream = m_state.training.upstream;
    // Kept even when no pass asks for it: a lane fed by this one sees the same gradient.
    if (m_request.stream.hasGradients()) {
        const Feed& feed = m_request.recipe.lanes[m_lane].feed;
        const DType dtype = m_state.layer.options().dtype;
        if (feed.kind == Feed::Kind::LaneOutput) {
            const Tensor* source = m_workspace.lanes[static_cast<std::size_t>(feed.lane)].gradient;
            m_tensors.gradient = source ? &feedOf(feed, *source, dtype, m_tensors.fedGradient) : nullptr;
        } else {
            m_tensors.gradient = &feedOf(feed, editedGradient(), dtype, m_tensors.fedGradient);
        }
    } else if (recording()) {
        m_tensors.gradient = recordedGradient(x);
    }
    if (upstreamGradient() != &m_tensors.dy)
        return;
    m_tensors.dy.reshapeFor(x.dtype(), x.shape());
    fillInChunks(m_tensors.dy, [&](std::int64_t first, std::span<double> values) {
        if (upstream.kind == UpstreamSpec::Kind::Ones)
            std::fill(values.begin(), values.end(), 1.0);
        else
            normalValues(upstream.seed, upstreamStream, static_cast<std::uint64_t>(m_request.step),
                         static_cast<std::uint64_t>(first), values);
    });
}

/// Null where the step was recorded without one. An edited batch may have another shape than the recorded one.
const Tensor* LaneStep::recordedGradient(const Tensor& x) {
    const auto recorded = recording()->find(TraceKey::GradOutput, m_request.step);
    if (!recorded)
        return nullptr;
    Tensor gradient = recorded->read();
    if (gradient.rank() > 3)
        gradient.setShape(foldedShape(gradient.shape()));
    if (gradient.shape() != x.shape())
        throw Error(ErrorCode::Refused, "the recorded upstream gradient has shape " + shapeText(gradient.shape())
                                            + ", expected that of the input, " + shapeText(x.shape()));
    m_tensors.recordedGradient = gradient.convertedTo(x.dtype());
    return &m_tensors.recordedGradient;
}

/// Upstream gradient of the whole input, null where a loss or nothing provides it.
const Tensor* LaneStep::upstreamGradient() const {
    const TrainingSpec& training = m_state.training;
    if (training.loss.kind != LossSpec::Kind::None || !(training.passes.backward || training.passes.update))
        return nullptr;
    switch (training.upstream.kind) {
    case UpstreamSpec::Kind::None:
        return nullptr;
    case UpstreamSpec::Kind::Source:
        return m_tensors.gradient;
    case UpstreamSpec::Kind::Ones:
    case UpstreamSpec::Kind::Random:
        break;
    }
    return &m_tensors.dy;
}

void LaneStep::runWhole(const Tensor& x) {
    pass(x, upstreamGradient(), 1.0);
    if (m_yComputed)
        m_tensors.produced = &m_tensors.y;
}

void LaneStep::runGroups(const Tensor& x) {
    const std::int64_t rows = x.shape()[0];
    const std::int64_t size = m_request.recipe.lanes[m_lane].feed.groupSize;
    const Tensor* gradient = upstreamGradient();
    if (m_outputWanted)
        m_tensors.output.reshapeFor(x.dtype(), x.shape());
    m_result.groups = 0;
    for (std::int64_t first = 0; first == 0 || first < rows; first += size) {
        throwIfStopped(m_request.stop);
        const std::int64_t count = std::min(size, rows - first);
        copyRows(x, first, count, m_tensors.group);
        if (gradient)
            copyRows(*gradient, first, count, m_tensors.groupGradient);
        ++m_result.groups;
        pass(m_tensors.group, gradient ? &m_tensors.groupGradient : nullptr,
             rows == 0 ? 1.0 : static_cast<double>(count) / static_cast<double>(rows));
        if (m_outputWanted)
            pasteRows(m_tensors.y, first, m_tensors.output);
    }
    if (m_outputWanted)
        m_tensors.produced = &m_tensors.output;
}

void LaneStep::pass(const Tensor& x, const Tensor* gradient, double share) {
    m_tensors.x = &x;
    m_result.inputShape = x.shape();
    computeMoments(x, m_result.batch, &m_result.health);
    m_result.surprise = surpriseOf(m_result.batch, m_state.layer.state());
    m_yComputed = m_outputWanted || m_request.visit || m_state.training.loss.kind != LossSpec::Kind::None;
    m_result.forward = m_state.layer.forward(x, m_yComputed ? &m_tensors.y : nullptr, &m_result.batch);
    m_result.outputMean.clear();
    m_result.outputVar.clear();
    if (x.size() > 0)
        describeOutput(m_result, m_state.layer.state());
    backward(x, gradient, share);
}

void LaneStep::backward(const Tensor& x, const Tensor* gradient, double share) {
    const TrainingSpec& training = m_state.training;
    const Tensor* dy = gradient;
    if (training.loss.kind != LossSpec::Kind::None) {
        double loss = training.loss.kind == LossSpec::Kind::Sum ? 0 : std::numeric_limits<double>::quiet_NaN();
        if (x.size() > 0)
            loss = evaluateLoss(training.loss, x, m_tensors.y, m_result.forward, m_tensors.dy);
        else
            m_tensors.dy.reshapeFor(x.dtype(), x.shape());
        const double weight = training.loss.kind == LossSpec::Kind::Sum ? 1.0 : share;
        if (weight != 1)
            scale(m_tensors.dy, weight);
        m_result.loss = m_result.loss.value_or(0.0) + weight * loss;
        dy = &m_tensors.dy;
    }
    if (dy == nullptr || !(training.passes.backward || training.passes.update))
        return;
    BackwardRecord record =
        m_state.layer.backward(x, *dy, m_result.forward, m_request.visit ? &m_tensors.gradInput : nullptr);
    if (m_result.backward)
        addGradients(record, *m_result.backward, m_state.layer.options().dtype);
    m_result.backward = std::move(record);
    m_tensors.gradOutput = dy;
}

void LaneStep::update() {
    if (m_state.training.passes.update && m_result.backward)
        optimizerStep(m_state.training.optimizer, m_state.optimizer, m_state.layer, *m_result.backward);
}

void LaneStep::visit() {
    if (!m_request.visit)
        return;
    const Tensor* gradInput = m_tensors.gradOutput ? &m_tensors.gradInput : nullptr;
    m_request.visit(static_cast<int>(m_lane), {m_tensors.x, &m_tensors.y, m_tensors.gradOutput, gradInput});
}

}  // namespace bnstudio
