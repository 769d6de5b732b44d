// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/recipe.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace bnstudio {

/// Running statistics that were made anew.
struct Reestimated {
    ChannelVector runningMean, runningVar;
    std::int64_t numBatchesTracked = 0;  ///< batches that went into them
    std::int64_t refused = 0;            ///< batches that the layer refused
    std::string firstError;              ///< why, of the first of them
};

/// The running statistics of the recipe's first lane after reset_running_stats(), momentum = None and one training
/// forward over each of the first @p batches batches, so that every batch has the same weight; batches that the layer
/// refuses and those without values have none, though PyTorch's counter counts them. Weight and bias have no part in it. Events of the recipe do not count. Throws Error(BadInput) when no batch was accepted, or
/// Error(Cancelled).
Reestimated reestimateStatistics(const Recipe& recipe, std::int64_t batches,
                                 const std::function<void(double)>& progress = {}, std::stop_token stop = {});

}  // namespace bnstudio
