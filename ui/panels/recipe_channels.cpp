// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/recipe_channels.h"

namespace bnstudio {
namespace {

void fitList(std::vector<double>& values, std::int64_t to) {
    if (values.size() > 1)
        values.resize(static_cast<std::size_t>(to), double{values.back()});
}

void fitVector(std::optional<ChannelVector>& values, std::int64_t to, double fresh) {
    if (values)
        values->resize(static_cast<std::size_t>(to), fresh);
}

void fitGenerator(GeneratorSpec& spec, std::int64_t to) {
    spec.c = to;
    for (std::vector<double>* list : {&spec.mean, &spec.std, &spec.drift, &spec.mean2, &spec.std2})
        fitList(*list, to);
}

void fitLoss(LossSpec& loss, std::int64_t to) {
    for (std::vector<double>* list : {&loss.target, &loss.teacherWeight, &loss.teacherBias})
        fitList(*list, to);
}

bool isBeyond(const Action& action, std::int64_t channels) {
    if (const auto* weight = std::get_if<SetWeight>(&action))
        return weight->channel >= channels;
    if (const auto* bias = std::get_if<SetBias>(&action))
        return bias->channel >= channels;
    if (const auto* cell = std::get_if<EditCell>(&action))
        return cell->c >= channels;
    return false;
}

}  // namespace

void fitChannels(Recipe& recipe, std::int64_t from, std::int64_t to) {
    for (std::vector<SourceSpec>* sources : {&recipe.data.sources, &recipe.data.gradients})
        for (SourceSpec& source : *sources)
            if (auto* spec = std::get_if<GeneratorSpec>(&source); spec && spec->c == from)
                fitGenerator(*spec, to);
    for (LaneSpec& lane : recipe.lanes) {
        fitLoss(lane.training.loss, to);
        if (!lane.initialState)
            continue;
        fitVector(lane.initialState->weight, to, 1);
        fitVector(lane.initialState->bias, to, 0);
        fitVector(lane.initialState->runningMean, to, 0);
        fitVector(lane.initialState->runningVar, to, 1);
    }
    std::erase_if(recipe.events, [to](const Event& event) { return isBeyond(event.action, to); });
    for (Event& event : recipe.events)
        if (auto* loss = std::get_if<SetLoss>(&event.action))
            fitLoss(loss->loss, to);
}

}  // namespace bnstudio
