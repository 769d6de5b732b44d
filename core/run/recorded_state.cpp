// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/recorded_state.h"

#include "core/error.h"

#include <algorithm>

namespace bnstudio {

namespace {

bool setsParameters(const Action& action) {
    return std::holds_alternative<SetWeight>(action) || std::holds_alternative<SetBias>(action)
           || std::holds_alternative<SetAffine>(action) || std::holds_alternative<ResetParameters>(action)
           || std::holds_alternative<LoadState>(action);
}

/// Whoever sets γ or β by hand wants to see what comes of it: the recording would undo it a step later.
bool userOwnsParameters(const Recipe& recipe, std::size_t lane, std::int64_t step) {
    return std::any_of(recipe.events.begin(), recipe.events.end(), [&](const Event& event) {
        return event.step <= step && (event.lane < 0 || static_cast<std::size_t>(event.lane) == lane)
               && setsParameters(event.action);
    });
}

void take(std::optional<ChannelVector>& present, std::optional<ChannelVector> recorded, DType dtype) {
    if (!present || !recorded)
        return;
    for (double& value : *recorded)
        value = roundTo(dtype, value);
    present = std::move(recorded);
}

}  // namespace

void applyRecorded(const Trace& trace, const Recipe& recipe, std::size_t lane, std::int64_t step, LaneState& state) {
    if (step >= trace.length())
        throw Error(ErrorCode::Refused, "the recording " + trace.path().filename().string() + " ends with step "
                                            + std::to_string(trace.length() - 1));
    LayerState& layer = state.layer.mutableState();
    const DType dtype = state.layer.options().dtype;
    if (!state.training.passes.update && !userOwnsParameters(recipe, lane, step)) {
        take(layer.weight, trace.vector(TraceKey::Weight, step), dtype);
        take(layer.bias, trace.vector(TraceKey::Bias, step), dtype);
    }
    if (!trace.hasBefore(step))
        return;
    LayerState before = trace.buffersBefore(step);
    take(layer.runningMean, std::move(before.runningMean), dtype);
    take(layer.runningVar, std::move(before.runningVar), dtype);
    if (layer.numBatchesTracked && before.numBatchesTracked)
        layer.numBatchesTracked = before.numBatchesTracked;
}

}  // namespace bnstudio
