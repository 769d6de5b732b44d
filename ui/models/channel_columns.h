// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QColor>
#include <QString>

#include <cstdint>
#include <optional>

namespace bnstudio {

/// Columns of the channel table, in order.
enum class ChannelColumn : int {
    Channel,
    BatchMean,
    RunningMean,
    BatchVar,
    RunningVar,
    Weight,
    Distance,
    Bias,
    GradWeight,
    GradBias,
    NonFinite
};
inline constexpr int channelColumnCount = 11;

/// Two lines for the header; one line ("batch var ÷n") for copying; a sentence that teaches.
QString channelColumnTitle(ChannelColumn column);
QString channelColumnName(ChannelColumn column);
QString channelColumnSentence(ChannelColumn column);
/// Significant digits in the table: means, which are compared with each other, get one more.
int channelColumnDigits(ChannelColumn column);
/// The colour of the column's meaning, invalid for plain text.
QColor channelColumnColor(ChannelColumn column);

/// One number of the displayed step; nothing where there is none (no affine, a refused batch, the start). Running
/// statistics, γ and β are those after the step, as state_dict() would give them.
std::optional<double> channelNumber(const Shown& shown, ChannelColumn column, std::int64_t channel);
/// The same before the step, for the columns that a step changes.
std::optional<double> channelNumberBefore(const Shown& shown, ChannelColumn column, std::int64_t channel);

}  // namespace bnstudio
