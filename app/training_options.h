// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/options.h"
#include "core/run/recipe.h"

namespace bnstudio {

/// "mse:target=0", "mse:target=0/1/2", "mse:teacher=1.5/0.5", "sum", "none". Throws Error(Usage).
LossSpec parseLoss(const std::string& text);
/// "sgd:lr=0.1,momentum=0.9", "adam:lr=0.001", "none". Throws Error(Usage).
OptimizerSpec parseOptimizer(const std::string& text);

/// --grad-output, --loss and --optimizer on every lane; events that would undo them are removed.
void applyTrainingOptions(Recipe& recipe, const ParsedOptions& options);

}  // namespace bnstudio
