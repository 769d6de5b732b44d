// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run.h"

namespace bnstudio::test {

/// A recipe with one lane of defaults on one source.
inline Recipe recipeOn(SourceSpec source) {
    Recipe recipe;
    recipe.data.sources = {std::move(source)};
    return recipe;
}

inline GeneratorSpec normal(std::int64_t n, std::int64_t c, double mean = 0, double std = 1) {
    GeneratorSpec spec;
    spec.n = n;
    spec.c = c;
    spec.mean = {mean};
    spec.std = {std};
    return spec;
}

inline PastedSpec pasted(Dims shape, std::vector<double> values) {
    return {std::move(shape), std::move(values)};
}

/// Runs to @p steps steps and gives the last snapshot's lane.
inline std::shared_ptr<const LaneSnapshot> runTo(Run& run, std::int64_t steps, int lane = 0) {
    while (run.head() < steps)
        run.advance();
    return run.snapshot(steps - 1)->lanes[static_cast<std::size_t>(lane)];
}

inline const LayerState& stateOf(const std::shared_ptr<const LaneState>& lane) {
    return lane->layer.state();
}

/// A recipe that uses every feature, with NaN, infinities, None and long arrays.
Recipe recipeWithEverything();

}  // namespace bnstudio::test
