// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/recipe_options.h"

#include "app/layer_options.h"
#include "app/recipe_edits.h"
#include "app/training_options.h"
#include "app/values.h"
#include "core/data/axis_roles.h"
#include "core/error.h"
#include "core/io/state_file.h"
#include "core/run/reestimation_recipe.h"
#include "core/run/trace_recipe.h"

#include <algorithm>
#include <filesystem>
#include <limits>

namespace bnstudio {
namespace {

constexpr std::int64_t anyCount = std::int64_t{1} << 53;  // JSON readers keep integers exact up to here

void setSources(Recipe& recipe, std::vector<SourceSpec> sources) {
    recipe.data.sources = std::move(sources);
    recipe.data.schedule = {};
    for (LaneSpec& lane : recipe.lanes) {
        if (!lane.initialState)
            lane.layer.numFeatures = 0;
    }
}

/// A generator's batches have a size of their own. Among other sources the batch size still means something.
void requireTensors(const Recipe& recipe, const std::string& option) {
    const auto isGenerator = [](const SourceSpec& source) { return std::holds_alternative<GeneratorSpec>(source); };
    const std::vector<SourceSpec>& sources = recipe.data.sources;
    if (!sources.empty() && std::all_of(sources.begin(), sources.end(), isGenerator))
        throw Error(ErrorCode::Usage, option + ": the generator's batches have n="
                                          + std::to_string(std::get<GeneratorSpec>(sources.front()).n)
                                          + " samples; set n in --generate");
}

void applyDataOptions(Recipe& recipe, const ParsedOptions& options) {
    if (options.has("--data") && options.has("--generate"))
        throw Error(ErrorCode::Usage, "--generate: data come from --data or from --generate, not from both");
    if (options.has("--data")) {
        std::vector<SourceSpec> sources;
        for (const std::string& argument : options.values("--data"))
            sources.emplace_back(fileSource(argument));
        setSources(recipe, std::move(sources));
    }
    if (const auto text = options.value("--generate")) {
        try {
            const GeneratorSpec spec = parseGeneratorSpec(*text);
            validate(spec);
            setSources(recipe, {spec});
        } catch (const Error& error) {
            throw Error(ErrorCode::Usage, std::string("--generate: ") + error.what());
        }
    }
    if (const auto text = options.value("--batch-size")) {
        recipe.data.batchSize = parseInteger("--batch-size", *text, 1, anyCount);
        requireTensors(recipe, "--batch-size");
    }
    if (options.has("--drop-last"))
        recipe.data.dropLast = true;
    if (const auto text = options.value("--shuffle"))
        recipe.data.shuffleSeed = parseSeed("--shuffle", *text);
}

bool namesData(const ParsedOptions& options) {
    return options.has("--data") || options.has("--generate");
}

/// For all files of batches and of upstream gradients.
void applyAxesOption(Recipe& recipe, const ParsedOptions& options) {
    const auto axes = options.value("--axes");
    if (!axes)
        return;
    if (!isAxisOrder(*axes) || axes->empty())
        throw Error(ErrorCode::Usage,
                    "--axes: expected N, C and L in the order of the file, such as NLC, LNC or CN, got '" + *axes
                        + "'");
    bool hasFile = false;
    for (auto* sources : {&recipe.data.sources, &recipe.data.gradients})
        for (SourceSpec& source : *sources)
            if (auto* const file = std::get_if<FileSpec>(&source)) {
                file->axes = *axes;
                hasFile = true;
            }
    if (!hasFile)
        throw Error(ErrorCode::Usage, "--axes: there is no data file; give --data");
}

/// What would contradict an estimation of the statistics, or has no meaning for one.
void applyReestimation(MadeRecipe& made, const std::string& nameOrFile, const ParsedOptions& options) {
    for (const char* option : {"--eps", "--momentum", "--affine", "--track-running-stats", "--dtype", "--mode",
                               "--loss", "--optimizer", "--grad-output", "--trace"})
        if (options.has(option))
            throw Error(ErrorCode::Usage, "--reestimate: sets what the layer does; leave out " + std::string(option));
    if (options.has("--keep-going"))  // a refused batch is counted like the others and would weigh in
        throw Error(ErrorCode::Usage, "--reestimate: needs every batch; leave out --keep-going, or give --drop-last");
    if (!nameOrFile.empty())
        throw Error(ErrorCode::Usage, "--reestimate: makes a recipe of its own; leave out " + nameOrFile);
    if (!options.has("--state") || !namesData(options))
        throw Error(ErrorCode::Usage, "--reestimate: needs a state and data; give --state and --data");
    const StateFile file(*options.value("--state"));
    made.recipe = reestimationRecipe(file, std::move(made.recipe.data));
    made.reestimatedPrefix = file.modulePrefix();
}

/// "train*3" → train, 3.
std::pair<bool, std::int64_t> parseModeItem(const std::string& item, const std::string& list) {
    const std::size_t star = item.find('*');
    const std::string mode = item.substr(0, star);
    if (mode != "train" && mode != "eval")
        throw Error(ErrorCode::Usage,
                    "--mode: expected train or eval, or a list such as train*3,eval, got '" + list + "'");
    const std::int64_t count =
        star == std::string::npos ? 1 : parseInteger("--mode: " + mode + "*", item.substr(star + 1), 1, anyCount);
    return {mode == "train", count};
}

/// An eps or a generator that makes no sense in a recipe file is the file's mistake, not one of the command line.
Recipe loadRecipeFile(const std::string& path) {
    const auto asBadInput = [](const Error& error, const std::string& where) {
        return Error(error.code() == ErrorCode::Usage ? ErrorCode::BadInput : error.code(), where + error.what());
    };
    Recipe recipe;
    try {
        recipe = loadRecipe(path);
    } catch (const Error& error) {
        throw asBadInput(error, "");  // it names the file
    }
    try {
        validate(recipe);
    } catch (const Error& error) {
        throw asBadInput(error, path + ": ");
    }
    return recipe;
}

MadeRecipe recordedRecipe(const std::string& argument) {
    const FileArgument file = parseFileArgument(argument);
    TraceRecipe recorded = traceRecipe(file.path.string(), file.name);
    return {std::move(recorded.recipe), std::move(recorded.notes)};
}

/// What the options then change.
MadeRecipe startingRecipe(const std::string& nameOrFile, const ParsedOptions& options) {
    if (const auto trace = options.value("--trace")) {
        if (!nameOrFile.empty())
            throw Error(ErrorCode::Usage, "--trace: makes a recipe of its own; leave out " + nameOrFile);
        return recordedRecipe(*trace);
    }
    if (!nameOrFile.empty())
        return {openRecipe(nameOrFile), {}};
    return {namesData(options) ? Recipe{} : defaultRecipe(), {}};
}

}  // namespace

std::vector<OptionSpec> recipeOptionSpecs() {
    return {
        {"--data", "FILE[::NAME]",
         "Tensors (N, C) or (N, C, L); a CSV's numeric columns are channels and its rows samples. Repeatable. Without "
         "NAME the file's tensors come in order, each a source of batches; NAME is one tensor or a numbered family: x "
         "means x.0, x.1, …"},
        {"--generate", "SPEC", "Random batches, such as normal:n=32,c=8,mean=5,std=2,seed=42."},
        {"--batch-size", "B", "Samples in a batch. Default: all samples of a tensor, if that is at most 256 MiB."},
        {"--axes", "ORDER",
         "Order of the axes in the files: NCL is the default, NLC and LNC have the channels last, CN is a transposed "
         "table. L stands for all axes but N and C."},
        {"--drop-last", "", "Leave out the last batch of a tensor when it is smaller."},
        {"--shuffle", "SEED", "Visit the samples in a new random order each time through the data."},
        {"--eps", "E", "Default 1e-5."},
        {"--momentum", "M|none", "Default 0.1; none is the cumulative average."},
        {"--affine", "on|off", "Whether there are weight and bias. Default on."},
        {"--track-running-stats", "on|off", "Default on."},
        {"--dtype", "float32|float64", "Type of the layer and its tensors. Default float32."},
        {"--mode", "LIST", "train, eval, or one a step: train*3,eval,train. The last one repeats. Default train."},
        {"--state", "FILE[::PREFIX]", "State dict to start from; PREFIX such as net.1. picks a layer of a model."},
        {"--grad-output", "FILE[::NAME]",
         "Upstream gradients, batched like the data: turns the backward pass on. Given once for each --data."},
        {"--trace", "FILE[::PREFIX]",
         "A recorded training, such as --save-tensors writes: its batches x.k, start state init.*, upstream gradients "
         "grad_output.k, and weight, bias, mode and momentum of every step. PREFIX such as B/ stands before the keys "
         "of another lane."},
        {"--loss", "SPEC", "mse:target=0, mse:teacher=G/B or sum: a loss on y, which turns the backward pass on."},
        {"--optimizer", "SPEC", "sgd:lr=0.1,momentum=0.9,weight_decay=0 or adam:lr=0.001: updates weight and bias."},
    };
}

Recipe openRecipe(const std::string& nameOrFile) {
    std::error_code ignored;
    if (std::filesystem::exists(nameOrFile, ignored))
        return loadRecipeFile(nameOrFile);
    if (nameOrFile == "default")
        return defaultRecipe();
    throw Error(ErrorCode::BadInput, nameOrFile
                                         + ": there is no such file, and no built-in recipe of that name; "
                                           "built in is: default");
}

void applyModeList(Recipe& recipe, const std::string& list) {
    removeEvents<SetMode>(recipe);
    std::int64_t step = 0;
    bool present = true;
    for (const std::string& item : split(list, ',')) {
        const auto [train, count] = parseModeItem(item, list);
        if (step == 0) {
            for (LaneSpec& lane : recipe.lanes)
                lane.trainMode = train;
        } else if (train != present) {
            insertEvent(recipe, {.step = step, .lane = -1, .action = SetMode{train}});
        }
        present = train;
        if (count > anyCount - step)
            throw Error(ErrorCode::Usage, "--mode: more than 2^53 steps in '" + list + "'");
        step += count;
    }
}

MadeRecipe recipeFromOptions(const std::string& nameOrFile, const ParsedOptions& options) {
    MadeRecipe made = startingRecipe(nameOrFile, options);
    applyDataOptions(made.recipe, options);
    if (const auto list = options.value("--mode"))
        applyModeList(made.recipe, *list);
    applyTrainingOptions(made.recipe, options);
    applyAxesOption(made.recipe, options);
    if (options.has("--reestimate")) {
        applyReestimation(made, nameOrFile, options);
        validate(made.recipe);
        return made;
    }
    const std::vector<std::string> notes = applyLayerOptions(made.recipe, options);  // last: it reads a file
    made.notes.insert(made.notes.end(), notes.begin(), notes.end());
    validate(made.recipe);
    return made;
}

}  // namespace bnstudio
