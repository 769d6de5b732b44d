// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_file.h"
#include "core/run/recipe.h"

#include <string>
#include <variant>

namespace bnstudio {

/// Removes every event with one of these actions: an option overrides what a recipe's events would set later.
template <class... Actions>
void removeEvents(Recipe& recipe) {
    std::erase_if(recipe.events,
                  [](const Event& event) { return (std::holds_alternative<Actions>(event.action) || ...); });
}

/// FILE[::NAME] as a source of batches.
inline FileSpec fileSource(const std::string& argument) {
    const FileArgument file = parseFileArgument(argument);
    FileSpec spec;
    spec.path = file.path.string();
    spec.tensor = file.name;
    return spec;
}

}  // namespace bnstudio
