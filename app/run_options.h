// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/figure_options.h"
#include "app/options.h"
#include "core/run/recipe.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bnstudio {

/// What `bnstudio run` is asked to do.
struct RunOptions {
    Recipe recipe;
    /// --reestimate: the prefix of the layer, whose buffers alone are saved.
    std::optional<std::string> reestimatedPrefix;
    std::vector<std::string> notes;     ///< what reading the state has to say
    std::optional<std::int64_t> steps;  ///< nothing: once through the data, else 100
    bool keepGoing = false;
    int threads = 0;  ///< 0: one per hardware thread
    std::optional<std::string> tensors, stats, state, recipeFile;
    std::optional<FigureOptions> figure;
    bool savesNothing() const { return !tensors && !stats && !state && !recipeFile && !figure; }
};

const CommandSpec& runCommandSpec();
/// Throws Error: Usage for options, and what the recipe and the state file are refused with.
RunOptions runOptions(const ParsedOptions& options);

}  // namespace bnstudio
