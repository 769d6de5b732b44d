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

}  // namespace bnstudio
