// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/state_file.h"
#include "core/run/recipe.h"

namespace bnstudio {

/// A recipe that estimates the running statistics of a stored layer anew from data, as
/// torch.optim.swa_utils.update_bn does for a model: the statistics are reset, momentum is None, so that all batches
/// count the same, and every batch is shown once in training mode. γ and β stay as they are. One lane, whose options
/// are those that the file tells; run it for BatchStream::stepsPerEpoch() steps.
/// Throws Error(BadInput) when the layer has no running statistics, Error(Refused) when its state cannot be loaded.
Recipe reestimationRecipe(const StateFile& file, DataSpec data);

}  // namespace bnstudio
