// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/snapshot.h"

namespace bnstudio {

/// Memory of a state with everything it owns.
std::size_t byteSize(const LaneState& lane);
/// Memory of a snapshot apart from the states it shares with its neighbours.
std::size_t byteSizeWithoutStates(const Snapshot& snapshot);

}  // namespace bnstudio
