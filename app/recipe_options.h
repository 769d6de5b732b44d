// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/options.h"
#include "core/run/recipe.h"

#include <optional>
#include <string>
#include <vector>

namespace bnstudio {

/// The options that make or change a recipe, for the list of a command.
std::vector<OptionSpec> recipeOptionSpecs();

/// A recipe and what making it has to say.
struct MadeRecipe {
    Recipe recipe;
    std::vector<std::string> notes;
    std::optional<std::string> reestimatedPrefix = {};  ///< --reestimate: where the layer stands in its state dict
};

/// The RECIPE operand (a file or the name of a built-in recipe), the plain layer when only data are named, or else the
/// default recipe; then every option on top, on all lanes. An option that sets what events of the recipe set, removes
/// these events. Throws Error(Usage) for options and Error(BadInput), Error(Refused) for files.
MadeRecipe recipeFromOptions(const std::string& nameOrFile, const ParsedOptions& options);

/// A recipe file, or the built-in recipe of that name when there is no such file.
Recipe openRecipe(const std::string& nameOrFile);

/// "train*3,eval,train": the modes of the first steps, the last one repeats. Replaces all mode events.
void applyModeList(Recipe& recipe, const std::string& list);

}  // namespace bnstudio
