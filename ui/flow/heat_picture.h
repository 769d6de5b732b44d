// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/flow/flow_bins.h"
#include "ui/theme.h"

#include <QImage>

namespace bnstudio {

/// Everything a picture of a heat map depends on besides the values.
struct HeatStyle {
    QSize size;  ///< logical pixels
    double ratio = 1;
    double limit = 1;
    bool dark = false;
    bool operator==(const HeatStyle&) const = default;
};

/// Bins as coloured cells. A bin has the colour of its mean, or of its farthest value where that leaves the scale, with a
/// tick in the corner. NaN and infinities look as paintNotFinite() has it.
QImage heatPicture(const BinnedMap& map, const HeatStyle& style);

}  // namespace bnstudio
