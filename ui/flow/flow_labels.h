// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/flow/flow_matrix.h"

#include <QString>

#include <vector>

namespace bnstudio {

/// Numbers beside an axis: where, counted in cells from the first one in sight, and what.
struct FlowLabel {
    double at = 0;  ///< the middle of what it names
    QString text;
    bool selected = false;
};

/// Samples "n", and "n, l" for the rows of one that is folded out. @p room: pixels that a label needs. The selected row
/// has a label always and the first one of what is folded out one where it can; they keep others at a distance.
std::vector<FlowLabel> rowLabels(const FlowMatrix& matrix, const CellWindow& window, int pixels, int room,
                                 std::int64_t selectedRow);
std::vector<FlowLabel> columnLabels(const CellWindow& window, int pixels, int room, std::int64_t selectedColumn);
/// The longest text that rowLabels can give.
QString widestRowLabel(const FlowMatrix& matrix, const CellWindow& window);

}  // namespace bnstudio
