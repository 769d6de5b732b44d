// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of single steps share.
#pragma once

#include "support/recipes.h"

#include <QString>

#include <vector>

namespace bnstudio::test {

using Numbers = std::vector<double>;

inline const LaneSnapshot& lane(Run& run, std::int64_t step, std::size_t index = 0) {
    return *run.snapshot(step)->lanes[index];
}

inline Numbers valuesOf(const Tensor& tensor) {
    Numbers values;
    for (std::int64_t i = 0; i < tensor.size(); ++i)
        values.push_back(tensor.at(i));
    return values;
}

inline QString errorOf(const LaneSnapshot& snapshot) {
    return QString::fromStdString(snapshot.error);
}

/// Float64, trained with the given settings on two batches of four samples and two channels.
inline Recipe trainingRecipe() {
    Recipe recipe = recipeOn(pasted({8, 2}, {1, 5, 2, 3, 4, 8, 9, 1, -1, 0, 2, 2, 5, 7, 6, 3}));
    recipe.data.batchSize = 4;
    recipe.lanes[0].layer.dtype = DType::Float64;
    recipe.lanes[0].training.passes = {true, true};
    recipe.lanes[0].training.loss = {LossSpec::Kind::MseTarget, {0.5, -1}, {1}, {0}};
    recipe.lanes[0].training.optimizer = {OptimizerSpec::Kind::Sgd, 0.1, 0.9};
    return recipe;
}

}  // namespace bnstudio::test
