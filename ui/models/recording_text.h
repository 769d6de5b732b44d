// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/diagnosis.h"

#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace bnstudio {

class Session;

/// "step 7, channel 3 alcohol, running_var": the step of the run, and the recording's own number where it is another.
QString placeText(const TraceCheck& check, const Session& session);

/// All checks of one quantity together.
struct DeviationRow {
    TraceQuantity quantity = TraceQuantity::Mean;
    std::int64_t steps = 0, differing = 0;  ///< steps that were checked, and those that differ
    TraceCheck worst;                       ///< the one that is furthest beyond its tolerance
};
/// A row a quantity that was checked, in the order of TraceQuantity.
std::vector<DeviationRow> deviationRows(const TraceDiagnosis& diagnosis);

/// Cells of the tables, and their headings.
QStringList deviationHeadings();
QStringList deviationCells(const DeviationRow& row);
QStringList explanationHeadings();
QStringList explanationCells(const TraceAlternative& tried);

}  // namespace bnstudio
