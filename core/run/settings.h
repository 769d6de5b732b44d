// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/recipe.h"

namespace bnstudio {

/// What an action changes of the settings in force; actions that set none (of state, of a batch) change nothing.
void applyAction(EffectiveSettings& settings, const Action& action);

}  // namespace bnstudio
