// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/colour_ramp.h"
#include "ui/flow/flow_bins.h"
#include "ui/theme.h"

#include <QString>

namespace bnstudio {

/// The next of 1, 1.5, 2, 3, 4, 5, 6, 8 and 10 times a power of ten, so that a scale stays the same from step to step
/// while the data change little. 1 for zero, NaN and infinity.
double niceLimit(double bound);

/// End of the symmetric scale of a map: three standard deviations beyond the mean of the widest channel where moments are
/// known, else the largest of some values. Costs no more than @p reads elements.
double limitOf(const Frame& frame, FlowMap map, std::int64_t reads);
/// End of a scale for bars that all @p values fit.
double limitOf(std::span<const double> values);

/// The end of a scale in as few characters as it takes: "0.8", "1.5e5".
QString limitText(double limit);

/// Colours of what is no number, in cells too small for a mark. No ramp has anything like them, to no kind of eye.
QColor nanColor(const Palette& palette);
QColor infinityColor(const Palette& palette);

}  // namespace bnstudio
