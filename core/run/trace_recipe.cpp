// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/trace_recipe.h"

#include "core/error.h"

#include <cmath>

namespace bnstudio {

namespace {

FileSpec fileSpec(const Trace& trace, const std::string& tensor) {
    FileSpec spec;
    spec.path = trace.path().string();
    spec.tensor = trace.prefix() + tensor;
    return spec;
}

/// A recorder writes the factor that a step used. With momentum=None that is 1/num_batches_tracked.
bool isCumulative(const Trace& trace, std::int64_t index, double factor) {
    const auto counter = trace.count(TraceKey::BatchesTracked, index);
    // Recorders may store the factor in single precision: two roundings of it.
    constexpr double singlePrecision = 1.2e-7;
    return counter && *counter > 0 && std::abs(factor * static_cast<double>(*counter) - 1) <= singlePrecision;
}

/// Momentum in force at a recorded step; @p base where nothing was recorded.
std::optional<double> momentumAt(const Trace& trace, std::int64_t index, std::optional<double> base) {
    const auto factor = trace.scalar(TraceKey::Momentum, index);
    if (!factor || (!base && (!trace.isTraining(index) || isCumulative(trace, index, *factor))))
        return base;
    const bool single = trace.find(TraceKey::Momentum, index)->dtype() != DType::Float64;
    return single && base && static_cast<float>(*base) == static_cast<float>(*factor) ? base : factor;
}

std::optional<double> baseMomentum(const Trace& trace) {
    if (trace.meta().hasMomentum)
        return trace.meta().momentum;
    return trace.scalar(TraceKey::Momentum, 0).value_or(LayerOptions{}.momentum.value_or(0));
}

LayerOptions layerOptions(const Trace& trace) {
    LayerOptions options;
    options.numFeatures = trace.channels();
    options.eps = trace.scalar(TraceKey::Eps, 0).value_or(trace.meta().eps.value_or(options.eps));
    options.momentum = momentumAt(trace, 0, baseMomentum(trace));
    options.affine = trace.initial().weight || trace.find(TraceKey::Weight, 0) || trace.initial().bias
                     || trace.find(TraceKey::Bias, 0);
    options.trackRunningStats = trace.initial().runningMean || trace.initial().runningVar
                                || trace.hasAnywhere(TraceKey::RunningMean) || trace.hasAnywhere(TraceKey::RunningVar);
    options.dtype = trace.dtype();
    return options;
}

/// What was not recorded starts as in a new layer.
LayerState startState(const Trace& trace, const LayerOptions& options) {
    LayerState state = BatchNorm1d(options).state();
    const auto take = [](auto& value, auto&& recorded) {
        if (recorded)
            value = std::forward<decltype(recorded)>(recorded);
    };
    LayerState buffers = trace.buffersBefore(0);
    take(state.weight, trace.initial().weight);
    take(state.bias, trace.initial().bias);
    take(state.weight, trace.vector(TraceKey::Weight, 0));
    take(state.bias, trace.vector(TraceKey::Bias, 0));
    take(state.runningMean, std::move(buffers.runningMean));
    take(state.runningVar, std::move(buffers.runningVar));
    take(state.numBatchesTracked, buffers.numBatchesTracked);
    return state;
}

void addChanges(const Trace& trace, const LaneSpec& lane, Recipe& recipe) {
    bool train = lane.trainMode;
    std::optional<double> momentum = lane.layer.momentum;
    const double baseEps = trace.meta().eps.value_or(LayerOptions{}.eps);
    double eps = lane.layer.eps;
    for (std::int64_t index = 1; index < trace.length(); ++index) {
        const bool trainNow = trace.isTraining(index);
        const std::optional<double> momentumNow = momentumAt(trace, index, momentum);
        if (trainNow != train)
            recipe.events.push_back({.step = index, .lane = -1, .action = SetMode{trainNow}});
        if (momentumNow != momentum)
            recipe.events.push_back({.step = index, .lane = -1, .action = SetMomentum{momentumNow}});
        const double epsNow = trace.scalar(TraceKey::Eps, index).value_or(baseEps);
        if (epsNow != eps)
            recipe.events.push_back({.step = index, .lane = -1, .action = SetEps{epsNow}});
        eps = epsNow;
        train = trainNow;
        momentum = momentumNow;
    }
}

std::vector<std::string> notesOf(const Trace& trace) {
    std::vector<std::string> notes = trace.notes();
    if (trace.initial() == LayerState{} && !trace.hasBefore(0))
        notes.push_back("the recording has no init.*: the replay starts from a new layer");
    return notes;
}

}  // namespace

TraceRecipe traceRecipe(const Trace& trace) {
    if (!trace.hasBatches())
        throw Error(ErrorCode::BadInput, trace.path().string()
                                             + ": holds statistics without batches x.k, which a run needs; compare "
                                               "checks the running statistics of such a recording");
    TraceRecipe made;
    made.notes = notesOf(trace);
    Recipe& recipe = made.recipe;
    recipe.name = trace.path().stem().string();
    recipe.data.sources = {fileSpec(trace, "x")};
    LaneSpec& lane = recipe.lanes.front();
    if (!trace.meta().layer.empty())
        lane.name = trace.meta().layer;
    lane.layer = layerOptions(trace);
    lane.initialState = startState(trace, lane.layer);
    lane.trainMode = trace.isTraining(0);
    lane.recording = fileSpec(trace, "");
    if (trace.hasAnywhere(TraceKey::GradOutput)) {
        lane.training.passes.backward = true;
        lane.training.upstream.kind = UpstreamSpec::Kind::Source;
        // Gradients of some steps only come from the recording itself: sources of data have no gaps.
        if (trace.hasEverywhere(TraceKey::GradOutput))
            recipe.data.gradients = {fileSpec(trace, "grad_output")};
    }
    addChanges(trace, lane, recipe);
    return made;
}

TraceRecipe traceRecipe(const std::string& path, const std::string& prefix, const Progress& progress,
                        std::stop_token stop) {
    return traceRecipe(*Trace::open(path, prefix, progress, stop));
}

}  // namespace bnstudio
