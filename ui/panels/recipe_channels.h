// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/recipe.h"

namespace bnstudio {

/// Makes everything that has one value a channel fit @p to channels after the data changed from @p from: lists are cut
/// or repeat their last value, given states are cut or grow as a new layer would, and events on channels that are gone
/// are dropped. Single values, files and num_features given by hand stay.
void fitChannels(Recipe& recipe, std::int64_t from, std::int64_t to);

}  // namespace bnstudio
