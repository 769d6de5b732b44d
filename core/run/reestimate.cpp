// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/reestimate.h"

#include "core/error.h"
#include "core/run/run.h"

namespace bnstudio {

namespace {

/// The lane alone, as a layer that only collects statistics.
Recipe collectingRecipe(const Recipe& recipe) {
    Recipe collecting;
    collecting.data = recipe.data;
    collecting.data.gradients.clear();
    const LaneSpec& lane = recipe.lanes.front();
    LaneSpec& collector = collecting.lanes.front();
    collector.feed = lane.feed;
    collector.layer = lane.layer;
    collector.layer.momentum = std::nullopt;
    collector.layer.trackRunningStats = true;
    collector.layer.affine = false;
    return collecting;
}

}  // namespace

Reestimated reestimateStatistics(const Recipe& recipe, std::int64_t batches,
                                 const std::function<void(double)>& progress, std::stop_token stop) {
    RunLimits limits;
    limits.historyBytes = std::size_t{16} << 20;  // every step is looked at once
    limits.keepsSeries = false;
    Run run(collectingRecipe(recipe), limits, {}, stop);
    Reestimated result;
    LayerState state;
    for (std::int64_t k = 0; k < batches; ++k) {
        const auto lane = run.advance(stop)->lanes.front();
        if (lane->refused()) {
            if (++result.refused == 1)
                result.firstError = lane->error;
        }
        state = lane->after->layer.state();
        if (progress)
            progress(static_cast<double>(k + 1) / static_cast<double>(batches));
    }
    if (result.refused >= batches || !state.runningMean || !state.runningVar)
        throw Error(ErrorCode::BadInput, "no batch gave statistics: " + result.firstError);
    result.runningMean = *state.runningMean;
    result.runningVar = *state.runningVar;
    result.numBatchesTracked = state.numBatchesTracked.value_or(0);
    return result;
}

}  // namespace bnstudio
