// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/diagnosis.h"
#include "core/run/trace_fits.h"
#include "core/run/trace_walk.h"

#include <functional>
#include <map>
#include <vector>

namespace bnstudio {

/// The checks of the steps that differ, by index.
using DifferingSteps = std::map<std::int64_t, std::vector<TraceCheck>>;

/// Tries explanations on every step that differs. @p stepDone is called after each. Best first: those that explain the
/// first difference, then by how many checks they explain, then in the order of preference.
std::vector<TraceAlternative> searchCauses(const Trace& trace, const TraceWalk& walk, const DifferingSteps& differing,
                                           const TraceFits& fits, const std::function<void()>& stepDone);

/// Forwards between two recorded steps: the counter advanced by more than one, and the statistics of the batches in
/// between, worked out from the recorded ones, are possible ones (no variance is negative).
TraceAlternative tryUnrecordedForwards(const Trace& trace, const TraceWalk& walk, const DifferingSteps& differing);

/// The only step that differs, as a factor of the expected values or none.
TraceAlternative describeSingleStep(const Trace& trace, const TraceWalk& walk, const DifferingSteps& differing);

}  // namespace bnstudio
