// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/snapshot.h"

namespace bnstudio {

/// The state of a lane before step 0. @p channels is used where neither the options nor the initial state say how many.
LaneState initialLaneState(const LaneSpec& spec, std::int64_t channels);

/// What an action changes between two steps; edits of the batch and skips change nothing here. Throws Error(Refused)
/// with PyTorch's words where the statement would raise; what was assigned before stays, as in PyTorch.
void applyToLane(const Action& action, LaneState& lane);

/// EditCell, PadBatch or ScaleBatch.
bool editsBatch(const Action& action);
/// Changes @p batch; other actions do nothing. Throws Error(Refused) for a cell outside the batch, or when the padded
/// batch is larger than @p byteLimit.
void applyToBatch(const Action& action, Tensor& batch, std::int64_t byteLimit);
/// The upstream gradient of an edited batch: padded samples have none.
void applyToGradient(const Action& action, Tensor& gradient);

}  // namespace bnstudio
