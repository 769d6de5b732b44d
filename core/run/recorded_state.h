// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/snapshot.h"
#include "core/run/trace.h"

namespace bnstudio {

/// Gives a lane before step @p step what its recording says about it, and before the events of the step act: γ and β
/// that the step used, where the layer has them, as long as no event up to this step set them (even by loading a state)
/// and no optimiser moves them; running statistics and counter where the recording has a state before the step.
/// Throws Error(Refused) past the last recorded step.
void applyRecorded(const Trace& trace, const Recipe& recipe, std::size_t lane, std::int64_t step, LaneState& state);

}  // namespace bnstudio
