// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/flow/flow_content.h"
#include "ui/flow/flow_geometry.h"

#include <QFontMetrics>

namespace bnstudio {

/// "x[5, 3] = 9.356, x̂ = 1.558, y = …", as far as the phase shows them, and what its channel was normalised with.
QString describeCell(const FlowContent& content, Cell cell);
/// What stands at a place: indices, values, and what they are pooled into. @p bins: of the map, null over bars.
QString tipFor(const FlowContent& content, const FlowGeometry::Place& place, const BinnedMap* bins);
/// What a click on the row number of a sample does.
QString foldTip(const FlowMatrix& matrix, std::int64_t sample);
/// Where the flow shows a number of the calculation; nothing for one that has no place in it.
std::optional<FlowGeometry::Place> placeOf(const Link& link, const FlowContent& content);

/// What the line below the flow depends on.
struct FlowHint {
    bool isPeeking = false, trains = true, hasStep = false;
    FlowMatrix matrix;
    CellWindow window;
};
/// The longest of several sentences that fits.
QString hintFor(const FlowHint& hint, int width, const QFontMetrics& metrics);

}  // namespace bnstudio
