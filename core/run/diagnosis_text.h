// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/diagnosis.h"

namespace bnstudio {

/// Fills where, verdict and advice from the rest.
void describeDiagnosis(const Trace& trace, TraceDiagnosis& diagnosis);
/// What to do about a cause.
std::string adviceFor(TraceCause cause);

}  // namespace bnstudio
