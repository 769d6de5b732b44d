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

/// The plain average over the batches that have statistics.
struct Average {
    ChannelVector mean, var;
    std::int64_t batches = 0;

    void add(const ForwardRecord& batch) {
        ++batches;
        mean.resize(batch.mean.size());
        var.resize(batch.mean.size());
        const double n = static_cast<double>(batch.valuesPerChannel), weight = 1 / static_cast<double>(batches);
        for (std::size_t c = 0; c < mean.size(); ++c) {
            mean[c] += weight * (batch.mean[c] + batch.meanLow[c] - mean[c]);
            var[c] += weight * (batch.var[c] * n / (n - 1) - var[c]);
        }
    }
};

}  // namespace

Reestimated reestimateStatistics(const Recipe& recipe, std::int64_t batches,
                                 const std::function<void(double)>& progress, std::stop_token stop) {
    RunLimits limits;
    limits.historyBytes = std::size_t{16} << 20;  // every step is looked at once
    limits.keepsSeries = false;
    Run run(collectingRecipe(recipe), limits, {}, stop);
    Reestimated result;
    LayerState state;
    Average average;
    for (std::int64_t k = 0; k < batches; ++k) {
        const auto lane = run.advance(stop)->lanes.front();
        if (lane->refused()) {
            if (++result.refused == 1)
                result.firstError = lane->error;
        } else if (!lane->forward.mean.empty()) {
            average.add(lane->forward);
        }
        state = lane->after->layer.state();
        if (progress)
            progress(static_cast<double>(k + 1) / static_cast<double>(batches));
    }
    if (average.batches == 0)
        throw Error(ErrorCode::BadInput,
                    "no batch gave statistics" + (result.refused > 0 ? ": " + result.firstError : ""));
    // The layer's own average has PyTorch's roundings, but a batch that it counts without taking it in makes the others
    // weigh more or less.
    const bool isEven = average.batches == state.numBatchesTracked;
    result.runningMean = isEven ? *state.runningMean : std::move(average.mean);
    result.runningVar = isEven ? *state.runningVar : std::move(average.var);
    result.numBatchesTracked = average.batches;
    return result;
}

}  // namespace bnstudio
