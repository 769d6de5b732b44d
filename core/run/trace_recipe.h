// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/recipe.h"
#include "core/run/trace.h"

#include <string>
#include <vector>

namespace bnstudio {

struct TraceRecipe {
    Recipe recipe;
    std::vector<std::string> notes;  ///< what the recording leaves open
};

/// The recipe that replays a recording: its batches "x" and upstream gradients "grad_output" as data, one lane that
/// starts from its first state, follows its γ and β (LaneSpec::recording), and has its mode and momentum, as settings
/// at the start and as events where they change. Throws Error(BadInput) when the batches were not recorded.
TraceRecipe traceRecipe(const Trace& trace);
/// @p path is that of the file; @p prefix stands before its keys.
TraceRecipe traceRecipe(const std::string& path, const std::string& prefix = {}, const Progress& progress = {},
                        std::stop_token stop = {});

}  // namespace bnstudio
