// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/step.h"

#include "core/error.h"
#include "core/run/events.h"
#include "core/run/lane_step.h"
#include "core/standard_arithmetic.h"

#include <algorithm>
#include <span>

namespace bnstudio {

namespace {

std::span<const Event> eventsAt(const Recipe& recipe, std::int64_t step) {
    const auto range = std::equal_range(recipe.events.begin(), recipe.events.end(), Event{step, -1, SkipBatch{}},
                                        [](const Event& a, const Event& b) { return a.step < b.step; });
    return {range.first, range.second};
}

/// Lanes whose results are asked for: one and its feeders, or all.
std::vector<bool> wantedLanes(const StepRequest& request) {
    std::vector<bool> wanted(request.recipe.lanes.size(), !request.onlyLane);
    for (int lane = request.onlyLane.value_or(-1); lane >= 0;) {
        wanted[static_cast<std::size_t>(lane)] = true;
        const Feed& feed = request.recipe.lanes[static_cast<std::size_t>(lane)].feed;
        lane = feed.kind == Feed::Kind::LaneOutput ? feed.lane : -1;
    }
    return wanted;
}

bool feedsAnother(const Recipe& recipe, std::size_t lane) {
    return std::any_of(recipe.lanes.begin(), recipe.lanes.end(), [lane](const LaneSpec& other) {
        return other.feed.kind == Feed::Kind::LaneOutput && static_cast<std::size_t>(other.feed.lane) == lane;
    });
}

Snapshot describeBatch(const StepRequest& request) {
    Snapshot snapshot;
    snapshot.step = request.step;
    snapshot.origin = request.stream.originAt(request.step);
    snapshot.batchShape = request.stream.shapeAt(request.step);
    snapshot.population = request.stream.populationAt(request.step);
    return snapshot;
}

}  // namespace

void throwIfStopped(const std::stop_token& stop) {
    if (stop.stop_requested())
        throw Error(ErrorCode::Cancelled, "stopped");
}

std::shared_ptr<const Snapshot> computeStep(const StepRequest& request, const State& before, Workspace& workspace) {
    const StandardArithmetic arithmetic;
    throwIfStopped(request.stop);
    auto snapshot = std::make_shared<Snapshot>(describeBatch(request));
    const std::size_t lanes = request.recipe.lanes.size();
    workspace.lanes.resize(lanes);
    request.stream.read(request.step, workspace.batch);
    if (request.stream.hasGradients())
        request.stream.readGradient(request.step, workspace.gradient);

    const std::vector<bool> wanted = wantedLanes(request);
    const std::span<const Event> events = eventsAt(request.recipe, request.step);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        snapshot->lanes.emplace_back();
        if (!wanted[lane])
            continue;
        throwIfStopped(request.stop);
        LaneStep step(request, events, lane, workspace, feedsAnother(request.recipe, lane));
        snapshot->lanes.back() = std::make_shared<LaneSnapshot>(step.run(before[lane], snapshot->lanes));
    }
    return snapshot;
}

}  // namespace bnstudio
