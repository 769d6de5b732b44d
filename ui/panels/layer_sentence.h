// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QString>

namespace bnstudio {

/// What the layer does in the displayed step, in one or two sentences: which statistics it normalises with and what it
/// updates (the table of semantics 15). At the start it says what step 0 will do.
QString describeLayer(const Shown& shown, const EffectiveSettings& settings);
/// The same as rich text, with batch and running statistics in their colours.
QString describeLayerRich(const Shown& shown, const EffectiveSettings& settings);

}  // namespace bnstudio
