// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/layer_options.h"

#include "app/recipe_edits.h"
#include "app/values.h"
#include "core/error.h"
#include "core/io/state_file.h"

#include <algorithm>

namespace bnstudio {
namespace {

/// The layer decides which eps it takes, in PyTorch's words.
double parseEps(const std::string& text) {
    const double eps = parseNumber("--eps", text);
    try {
        BatchNorm1d().setEps(eps);
    } catch (const Error& error) {
        throw Error(ErrorCode::Usage, std::string("--eps: ") + error.what());
    }
    return eps;
}

std::optional<double> parseMomentum(const std::string& text) {
    return text == "none" || text == "None" ? std::nullopt : std::optional(parseNumber("--momentum", text));
}

DType parseLayerDType(const std::string& text) {
    const std::optional<DType> dtype = dtypeFromName(text);
    if (!dtype || !isLayerDType(*dtype))
        throw Error(ErrorCode::Usage, "--dtype: expected float32 or float64, got '" + text + "'");
    return *dtype;
}

std::size_t channelsOf(const LayerState& state) {
    std::size_t channels = 0;
    for (const auto* values : {&state.weight, &state.bias, &state.runningMean, &state.runningVar})
        channels = std::max(channels, *values ? (*values)->size() : 0);
    return channels;
}

void fillMissing(std::optional<ChannelVector>& values, std::size_t channels, double value) {
    if (!values)
        values.emplace(channels, value);
}

/// The recipe's start state keeps what the changed options leave of it; what they add starts as in a new layer.
void adaptState(LaneSpec& lane, bool affineGiven, bool trackGiven) {
    if (!lane.initialState)
        return;
    LayerState& state = *lane.initialState;
    const std::size_t channels = std::max(channelsOf(state), static_cast<std::size_t>(lane.layer.numFeatures));
    if (affineGiven && lane.layer.affine) {
        fillMissing(state.weight, channels, 1);
        fillMissing(state.bias, channels, 0);
    } else if (affineGiven) {
        state.weight.reset();
        state.bias.reset();
    }
    if (trackGiven && lane.layer.trackRunningStats) {
        fillMissing(state.runningMean, channels, 0);
        fillMissing(state.runningVar, channels, 1);
        state.numBatchesTracked = state.numBatchesTracked.value_or(0);
    } else if (trackGiven) {
        state.runningMean.reset();
        state.runningVar.reset();
        state.numBatchesTracked.reset();
    }
    for (auto* values : {&state.weight, &state.bias, &state.runningMean, &state.runningVar}) {
        if (*values)
            std::transform((*values)->begin(), (*values)->end(), (*values)->begin(),
                           [&lane](double value) { return roundTo(lane.layer.dtype, value); });
    }
}

std::vector<std::string> loadInto(Recipe& recipe, const StateFile& file) {
    std::vector<std::string> notes;
    removeEvents<LoadState>(recipe);
    for (LaneSpec& lane : recipe.lanes) {
        LoadedState loaded = file.loadFor(lane.layer);
        lane.layer.numFeatures = loaded.numFeatures;
        // A recording has a γ and β for every step; a state that was asked for goes before.
        if (lane.recording)
            insertEvent(
                recipe,
                {.step = 0, .lane = static_cast<int>(&lane - recipe.lanes.data()), .action = LoadState{loaded.state}});
        lane.initialState = std::move(loaded.state);
        if (notes.empty())  // the lanes differ in options, hardly in notes: say them once
            notes = std::move(loaded.notes);
    }
    return notes;
}

}  // namespace

std::vector<std::string> applyLayerOptions(Recipe& recipe, const ParsedOptions& options) {
    std::vector<LaneSpec>& lanes = recipe.lanes;
    if (const auto text = options.value("--eps")) {
        removeEvents<SetEps>(recipe);
        for (LaneSpec& lane : lanes)
            lane.layer.eps = parseEps(*text);
    }
    if (const auto text = options.value("--momentum")) {
        removeEvents<SetMomentum>(recipe);
        for (LaneSpec& lane : lanes)
            lane.layer.momentum = parseMomentum(*text);
    }
    const auto affine = options.value("--affine");
    if (affine) {
        removeEvents<SetAffine>(recipe);
        for (LaneSpec& lane : lanes)
            lane.layer.affine = parseSwitch("--affine", *affine);
    }
    const auto track = options.value("--track-running-stats");
    if (track) {
        removeEvents<SetTrackRunningStats>(recipe);
        for (LaneSpec& lane : lanes)
            lane.layer.trackRunningStats = parseSwitch("--track-running-stats", *track);
    }
    if (const auto text = options.value("--dtype")) {
        for (LaneSpec& lane : lanes)
            lane.layer.dtype = parseLayerDType(*text);
    }
    for (LaneSpec& lane : lanes)
        adaptState(lane, affine.has_value(), track.has_value());
    return options.has("--state") ? loadInto(recipe, StateFile(*options.value("--state"))) : std::vector<std::string>{};
}

}  // namespace bnstudio
