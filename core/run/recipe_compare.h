// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/recipe.h"

namespace bnstudio {

/// Whether two specifications yield the same batches: NaN equals NaN, −0 differs from 0, and what was recorded about a
/// file (size, time, hash) does not count.
bool sameData(const DataSpec& a, const DataSpec& b);

}  // namespace bnstudio
