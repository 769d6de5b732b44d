// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/file_use.h"

#include "ui/panels/recipe_channels.h"
#include "ui/session/document.h"

#include <QCoreApplication>
#include <QFileInfo>

#include <algorithm>
#include <cmath>
#include <functional>

namespace bnstudio {

namespace {

FileSpec sourceOf(const BatchEntry& entry, const QString& path, const std::string& axes) {
    FileSpec source;
    source.path = QFileInfo(path).absoluteFilePath().toStdString();
    source.tensor = entry.name;
    if (!axes.empty() && axes != axisChoices(entry.tensors.front()->shape().size()).front())
        source.axes = axes;
    return source;
}

/// A family is a sequence of batches as they are; one large tensor is cut into batches.
std::optional<std::int64_t> batchSizeFor(const std::vector<BatchEntry>& batches,
                                         std::optional<std::int64_t> ofOneTensor) {
    const bool areFamilies =
        std::all_of(batches.begin(), batches.end(), [](const BatchEntry& entry) { return entry.isFamily(); });
    return areFamilies ? std::nullopt : ofOneTensor;
}

/// Batches from the population that the layer's running statistics describe.
GeneratorSpec generatorFor(const LoadedState& state) {
    GeneratorSpec spec;
    spec.c = state.numFeatures;
    const auto& mean = state.state.runningMean;
    const auto& var = state.state.runningVar;
    if (!mean || !var)
        return spec;
    spec.mean = *mean;
    spec.std.resize(var->size());
    std::transform(var->begin(), var->end(), spec.std.begin(), [](double v) { return std::sqrt(v); });
    const auto isUsable = [](double value) { return std::isfinite(value); };
    std::replace_if(spec.mean.begin(), spec.mean.end(), std::not_fn(isUsable), 0.0);
    std::replace_if(spec.std.begin(), spec.std.end(), std::not_fn(isUsable), 1.0);
    return spec;
}

void startFrom(Recipe& recipe, const FoundLayer& found, const LoadedState& state, bool takesDType) {
    for (LaneSpec& lane : recipe.lanes) {
        lane.layer.numFeatures = state.numFeatures;
        lane.layer.affine = found.affine;
        if (takesDType)
            lane.layer.dtype = found.dtype == DType::Float64 ? DType::Float64 : DType::Float32;
        lane.initialState = state.state;
    }
}

Recipe freshRun(const FileUse& use, const QString& path, const std::optional<LoadedState>& state) {
    Recipe recipe = recipeForDataFile(path);
    recipe.data.sources.clear();
    if (use.data == FileUse::Data::Generate && state)
        recipe.data.sources = {generatorFor(*state)};
    for (const BatchEntry& entry : use.batches)
        recipe.data.sources.push_back(sourceOf(entry, path, use.axes));
    recipe.data.batchSize = batchSizeFor(use.batches, recipe.data.batchSize);
    if (use.layer && !use.layer->prefix.empty())
        recipe.name += " · " + use.layer->prefix.substr(0, use.layer->prefix.size() - 1);
    return recipe;
}

}  // namespace

Recipe recipeFor(const FileUse& use, const QString& path, const std::optional<LoadedState>& state,
                 const Recipe& present, std::int64_t presentChannels) {
    Recipe recipe = use.replacesRun() ? freshRun(use, path, state) : present;
    if (use.data == FileUse::Data::Add) {
        for (const BatchEntry& entry : use.batches)
            recipe.data.sources.push_back(sourceOf(entry, path, use.axes));
        // Sources without end would never let the next one have its turn.
        if (recipe.data.schedule.order == Schedule::Order::InOrder)
            recipe.data.schedule.order = Schedule::Order::Alternating;
        if (!recipe.data.batchSize)
            recipe.data.batchSize = batchSizeFor(use.batches, 32);
    }
    if (use.layer && state) {
        if (!use.replacesRun() && presentChannels > 0 && presentChannels != state->numFeatures)
            fitChannels(recipe, presentChannels, state->numFeatures);
        startFrom(recipe, *use.layer, *state, use.replacesRun());
    }
    return recipe;
}

std::vector<std::string> axisChoices(std::size_t rank) {
    if (rank == 2)
        return {"NC", "CN"};
    if (rank == 3)
        return {"NCL", "NLC", "LNC"};
    return {"NCL", "NLC"};
}

std::int64_t channelsOf(const Dims& shape, const std::string& axes) {
    const std::size_t at = axes.find('C');
    if (at == std::string::npos)
        return shape.at(1);
    // L stands for all axes that are neither N nor C.
    const bool isBehindLength = axes.find('L') < at;
    return shape.at(isBehindLength ? at + shape.size() - 3 : at);
}

QString axisDoubt(const Dims& shape) {
    if (shape.size() == 3 && shape[1] == shape[2])
        return QCoreApplication::translate(
                   "FileUse", "The second and the third axis both have %1 entries: the file does not say which of them "
                              "is the channels.")
            .arg(shape[1]);
    if (shape.size() == 2 && shape[0] == shape[1])
        return QCoreApplication::translate(
                   "FileUse", "Both axes have %1 entries: the file does not say which of them is the channels.")
            .arg(shape[0]);
    return {};
}

}  // namespace bnstudio
