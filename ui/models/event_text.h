// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/recipe.h"

#include <QStringList>

namespace bnstudio {

/// One line about the event number @p index of the recipe, with old and new value where there is an old one:
/// "momentum 0.3 → 0.1". @p index must exist.
QString eventText(const Recipe& recipe, std::size_t index);
/// The lines about all events, in one pass: each alone would go through the events before it again.
QStringList eventTexts(const Recipe& recipe);
/// "all", or the lane's name.
QString eventLaneText(const Recipe& recipe, const Event& event);

}  // namespace bnstudio
