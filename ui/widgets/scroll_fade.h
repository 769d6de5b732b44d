// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QAbstractScrollArea;

namespace bnstudio {

/// Lets the content of a scroll area fade into the card at an edge behind which there is more:
/// a row that the edge cuts looks like one to scroll to, not like a mistake.
void fadeEdges(QAbstractScrollArea& area);

}  // namespace bnstudio
