// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/reestimation_recipe.h"

#include "core/error.h"

#include <utility>

namespace bnstudio {

Recipe reestimationRecipe(const StateFile& file, DataSpec data) {
    LaneSpec lane;
    lane.layer = file.layerOptions();
    if (!lane.layer.trackRunningStats)
        throw Error(ErrorCode::BadInput, file.label() + ": the layer at '" + file.prefix()
                                             + "' has no running statistics, expected running_mean and running_var");
    lane.layer.momentum = std::nullopt;
    lane.initialState = file.loadFor(lane.layer).state;
    Recipe recipe;
    recipe.name = "Statistics estimated anew";
    recipe.data = std::move(data);
    recipe.data.gradients.clear();
    recipe.lanes = {std::move(lane)};
    insertEvent(recipe, {.step = 0, .lane = 0, .action = ResetRunningStats{}});
    return recipe;
}

}  // namespace bnstudio
