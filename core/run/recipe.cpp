// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/settings.h"

#include <algorithm>

namespace bnstudio {

namespace {

/// Whether two actions of one type set the same thing, so that the later one makes the earlier one pointless.
template <class T>
bool setsSameThing(const T&, const T&) {
    return true;
}
bool setsSameThing(const SetWeight& a, const SetWeight& b) {
    return a.channel == b.channel;
}
bool setsSameThing(const SetBias& a, const SetBias& b) {
    return a.channel == b.channel;
}
bool setsSameThing(const EditCell& a, const EditCell& b) {
    return a.n == b.n && a.c == b.c && a.l == b.l;
}
bool setsSameThing(const RemoveBuffers& a, const RemoveBuffers& b) {
    return a == b;
}

bool replaces(const Event& newer, const Event& older) {
    if (newer.step != older.step || newer.lane != older.lane || newer.action.index() != older.action.index())
        return false;
    return std::visit(
        [&](const auto& action) {
            return setsSameThing(action, std::get<std::decay_t<decltype(action)>>(older.action));
        },
        newer.action);
}

/// Settings that an action changes; state changes (buffers, parameters, batch edits) are none.
struct SettingChange {
    EffectiveSettings& settings;
    void operator()(const SetMomentum& a) const { settings.layer.momentum = a.momentum; }
    void operator()(const SetEps& a) const { settings.layer.eps = a.eps; }
    void operator()(const SetTrackRunningStats& a) const { settings.layer.trackRunningStats = a.on; }
    void operator()(const SetAffine& a) const { settings.layer.affine = a.on; }
    void operator()(const SetMode& a) const { settings.trainMode = a.train; }
    void operator()(const SetPasses& a) const { settings.training.passes = a.passes; }
    void operator()(const SetLoss& a) const { settings.training.loss = a.loss; }
    void operator()(const SetUpstream& a) const { settings.training.upstream = a.upstream; }
    void operator()(const SetOptimizer& a) const { settings.training.optimizer = a.optimizer; }
    template <class T>
    void operator()(const T&) const {}
};

}  // namespace

void insertEvent(Recipe& recipe, Event event) {
    std::erase_if(recipe.events, [&](const Event& older) { return replaces(event, older); });
    const auto place = std::upper_bound(recipe.events.begin(), recipe.events.end(), event.step,
                                        [](std::int64_t step, const Event& other) { return step < other.step; });
    recipe.events.insert(place, std::move(event));
}

EffectiveSettings settingsAt(const Recipe& recipe, int lane, std::int64_t step) {
    const LaneSpec& spec = recipe.lanes.at(static_cast<std::size_t>(lane));
    EffectiveSettings settings{spec.layer, spec.trainMode, spec.training};
    for (const Event& event : recipe.events) {
        if (event.step <= step && (event.lane < 0 || event.lane == lane))
            applyAction(settings, event.action);
    }
    return settings;
}

void applyAction(EffectiveSettings& settings, const Action& action) {
    std::visit(SettingChange{settings}, action);
}

Recipe defaultRecipe() {
    GeneratorSpec source;
    source.mean = {0, 5, -0.7, 5, 1, -3, 0.5, 2.5};
    // Channel 6 is nearly constant: its variance is comparable to eps, which then visibly shrinks its output.
    source.std = {1, 1, 0.7, 2, 1.4, 0.9, 0.0096, 0.55};
    source.drift = {0, 0.02, 0, 0, 0, 0, 0, 0};
    source.outliers = 0.01;
    source.seed = 42;

    LaneSpec lane;
    lane.training.passes = {true, true};
    lane.training.loss.kind = LossSpec::Kind::MseTeacher;
    lane.training.loss.teacherWeight = {1.5, 0.5, 2, 0.8, 1.2, 0.3, 0.7, 1.8};
    lane.training.loss.teacherBias = {0.5, -1, 0.25, 1, -0.5, 0.75, 1.5, -0.25};
    lane.training.optimizer.kind = OptimizerSpec::Kind::Sgd;
    lane.training.optimizer.lr = 0.05;

    Recipe recipe;
    recipe.name = "Eight channels";
    recipe.data.sources = {source};
    recipe.lanes = {lane};
    return recipe;
}

}  // namespace bnstudio
