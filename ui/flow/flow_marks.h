// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/flow/flow_bins.h"
#include "ui/theme.h"

#include <QFont>
#include <QRect>

#include <algorithm>

class QPainter;

namespace bnstudio {

/// What a cell has room for: hatching, which goes on from cell to cell, or an arrow as well.
inline constexpr int leastForArrow = 7;
inline bool hasRoomForArrow(const QRect& cell) {
    return cell.width() >= leastForArrow && cell.height() >= leastForArrow;
}
inline bool hasRoomForHatch(const QRect& cell) {
    return std::min(cell.width(), cell.height()) >= 4 && std::max(cell.width(), cell.height()) >= leastForArrow;
}

/// NaN is hatched, an infinity points up or down; in small cells they are plain colours. Nothing where all is finite.
void paintNotFinite(QPainter& painter, const Palette& palette, const QRect& cell, const NotFinite& what);

/// What the marks under a map mean: "NaN", "+Inf", "−Inf" or "±Inf", each behind a swatch, as far as @p area has room. It
/// begins @p indent pixels within the area, or before where it needs to.
/// @p cell: one of the map, whose room decides how they look.
void paintNotFiniteKey(QPainter& painter, const Palette& palette, const QFont& font, const QRect& area,
                       const NotFinite& what, const QRect& cell, int indent = 0);

}  // namespace bnstudio
