// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_options.h"

#include "app/output_names.h"
#include "app/recipe_options.h"
#include "app/values.h"
#include "core/error.h"

#include <algorithm>
#include <filesystem>
#include <limits>

namespace bnstudio {
namespace {

constexpr std::int64_t mostThreads = 1024;

constexpr std::string_view details = R"(A SPEC is KIND:key=value,…
  generate   normal, uniform, lognormal, student_t, constant, mixture; n c l mean std spread correlation drift outliers
             nan df mean2 std2 weight2 seed; mean and std take one value or a/b/c… per channel
  loss       mse:target=V (one value or a/b/c… per channel), mse:teacher=G/B, sum
  optimizer  sgd:lr momentum weight_decay nesterov; adam:lr beta1 beta2 eps weight_decay; as in torch.optim

Options override the RECIPE, in all of its lanes. num_features comes from --state, else from the first batch.

With several lanes the keys of the first one stay plain and the others' are NAME/x.0 and so on; the CSV then has a
leading column "lane". Numbers in the CSV are the shortest decimals that read back to the same float64.

--save-tensors writes, per step k from 0: x.k y.k mean.k var.k weight.k bias.k running_mean.k running_var.k
num_batches_tracked.k training.k momentum.k, with a backward pass grad_output.k grad_input.k grad_weight.k grad_bias.k,
with a loss loss.k, and init.* for the state before step 0. mean and var are what the step normalised with; weight and
bias what it used; running_* and the counter are after the step. Where a step starts from another state than the step
recorded before it ended with, running_mean_before.k running_var_before.k num_batches_tracked_before.k tell. What a
layer does not have is absent. --trace reads such a file, or one recorded in PyTorch; steps past its end are refused.

Exit status: 0 done, 2 wrong usage, 3 an input was refused, 4 an output could not be written, 130 interrupted.
)";

void requireDistinct(const RunOptions& options) {
    std::vector<std::filesystem::path> paths;
    const std::optional<std::string> figure = options.figure ? std::optional(options.figure->path) : std::nullopt;
    for (const auto* path : {&options.tensors, &options.stats, &options.state, &options.recipeFile, &figure}) {
        if (!*path)
            continue;
        const std::filesystem::path target = std::filesystem::absolute(**path).lexically_normal();
        if (std::find(paths.begin(), paths.end(), target) != paths.end())
            throw Error(ErrorCode::Usage, **path + ": two outputs cannot go to the same file");
        paths.push_back(target);
    }
}

std::optional<std::string> outputName(const ParsedOptions& options, std::string_view option) {
    auto path = options.value(option);
    if (path && path->empty())
        throw Error(ErrorCode::Usage, std::string(option) + ": expected the name of a file, got ''");
    return path;
}

}  // namespace

const CommandSpec& runCommandSpec() {
    static const CommandSpec spec = [] {
        CommandSpec made;
        made.usage = "bnstudio run [RECIPE] [options]";
        made.summary =
            "Runs a recipe file, the built-in recipe 'default', or one made of the options, without a window. "
            "Without any --save-… it prints the statistics of the last step.";
        made.mostOperands = 1;
        made.options = recipeOptionSpecs();
        const std::vector<OptionSpec> own{
            {"--steps", "K", "Steps to run. Default: once through the data, else 100."},
            {"--keep-going", "",
             "Report a batch that the layer refuses as 'step k: message' and go on; without it the "
             "run ends there with status 3 and saves nothing."},
            {"--threads", "T", "Worker threads; the numbers do not depend on them. Default: all."},
            {"--save-tensors", "F.npz", "Tensors and statistics of every step; see below."},
            {"--save-stats", "F.csv", "A row per step and channel."},
            {"--save-state", "F.safetensors|.npz", "The state dict at the end, with PyTorch's key names and dtypes."},
            {"--reestimate", "",
             "Estimate the running statistics of the layer in --state anew from --data: reset, momentum none, each "
             "batch "
             "once in training mode; weight and bias stay. --save-state then writes the buffers alone, under their "
             "prefix, and prints the line of Python that loads them."},
            {"--save-figure", "F.png|.svg|.pdf", "A plot; the recipe travels in its metadata."},
            {"--figure", "KIND", "running, profile, distributions, channels or flow. Default running."},
            {"--channels", "LIST",
             "Channels of a running figure, such as 0,3, or the one of a distributions or flow figure."},
            {"--figure-size", "WxH", "Such as 85x60mm (the default; flow: 175x75mm), 3.4x2.5in or 800x600px."},
            {"--font-size", "POINTS", "Default 8."},
            {"--save-recipe", "F.json", "The recipe that these options make."},
        };
        made.options.insert(made.options.end(), own.begin(), own.end());
        made.details = details;
        return made;
    }();
    return spec;
}

RunOptions runOptions(const ParsedOptions& options) {
    RunOptions run;
    if (const auto text = options.value("--steps"))
        run.steps = parseInteger("--steps", *text, 0, std::int64_t{1} << 53);
    if (const auto text = options.value("--threads"))
        run.threads = static_cast<int>(parseInteger("--threads", *text, 1, mostThreads));
    run.keepGoing = options.has("--keep-going");
    run.tensors = outputName(options, "--save-tensors");
    run.stats = outputName(options, "--save-stats");
    run.state = outputName(options, "--save-state");
    run.recipeFile = outputName(options, "--save-recipe");
    if (run.tensors)
        requireExtension("--save-tensors", *run.tensors, {".npz"});
    if (run.state)
        requireExtension("--save-state", *run.state, {".safetensors", ".npz"});
    run.figure = parseFigureOptions(options);
    requireDistinct(run);
    MadeRecipe made =
        recipeFromOptions(options.operands().empty() ? std::string() : options.operands().front(), options);
    run.recipe = std::move(made.recipe);
    run.notes = std::move(made.notes);
    run.reestimatedPrefix = std::move(made.reestimatedPrefix);
    return run;
}

}  // namespace bnstudio
