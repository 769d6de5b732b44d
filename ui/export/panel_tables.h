// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/data_table.h"
#include "ui/session/session.h"

namespace bnstudio {

/// What the program points out about the run: what, the evidence in one column of words, since when.
DataTable findingsTable(const Session& session);
/// The calculation of the selected cell, a line a row: the phase, the result as a number, the formula with all digits.
/// Without rows where there is none.
DataTable calculationTable(const Session& session);
/// A row a step from the start on: surprise, whether the batch was refused, events, name.
DataTable timelineTable(const Session& session);
/// Every cell of the batch on display as a row: n, c, l, x, x̂ and y. Without rows where no batch is displayed.
DataTable flowTable(const Session& session);

}  // namespace bnstudio
