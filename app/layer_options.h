// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/options.h"
#include "core/run/recipe.h"

#include <string>
#include <vector>

namespace bnstudio {

/// --eps, --momentum, --affine, --track-running-stats, --dtype and --state on every lane. Returns what loading the
/// state has to say.
std::vector<std::string> applyLayerOptions(Recipe& recipe, const ParsedOptions& options);

}  // namespace bnstudio
