// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/channel_columns.h"

#include "ui/theme.h"

#include <QCoreApplication>

#include <cmath>

namespace bnstudio {
namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bnstudio::ChannelTable)
};

using MaybeNumber = std::optional<double>;

MaybeNumber element(const std::vector<double>& values, std::int64_t channel) {
    if (channel < 0 || channel >= static_cast<std::int64_t>(values.size()))
        return std::nullopt;
    return values[static_cast<std::size_t>(channel)];
}

MaybeNumber element(const std::optional<std::vector<double>>& values, std::int64_t channel) {
    return values ? element(*values, channel) : std::nullopt;
}

MaybeNumber stateNumber(const LaneState* state, ChannelColumn column, std::int64_t channel) {
    if (!state)
        return std::nullopt;
    const LayerState& layer = state->layer.state();
    switch (column) {
    case ChannelColumn::RunningMean:
        return element(layer.runningMean, channel);
    case ChannelColumn::RunningVar:
        return element(layer.runningVar, channel);
    case ChannelColumn::Weight:
        return element(layer.weight, channel);
    case ChannelColumn::Bias:
        return element(layer.bias, channel);
    default:
        return std::nullopt;
    }
}

/// (batch mean − running mean)/√running var, with the running statistics that the batch met.
MaybeNumber distance(const LaneSnapshot& lane, std::int64_t channel) {
    const MaybeNumber mean = element(lane.batch.mean, channel);
    const MaybeNumber running = stateNumber(lane.before.get(), ChannelColumn::RunningMean, channel);
    const MaybeNumber var = stateNumber(lane.before.get(), ChannelColumn::RunningVar, channel);
    if (!mean || !running || !var)
        return std::nullopt;
    return (*mean - *running) / std::sqrt(*var);
}

MaybeNumber stepNumber(const LaneSnapshot& lane, ChannelColumn column, std::int64_t channel) {
    if (lane.refused() && column != ChannelColumn::NonFinite)
        return std::nullopt;
    switch (column) {
    case ChannelColumn::BatchMean:
        return element(lane.batch.mean, channel);
    case ChannelColumn::BatchVar:
        return element(lane.batch.var, channel);
    case ChannelColumn::Distance:
        return distance(lane, channel);
    case ChannelColumn::GradWeight:
        return lane.backward ? element(lane.backward->gradWeight, channel) : std::nullopt;
    case ChannelColumn::GradBias:
        return lane.backward ? element(lane.backward->gradBias, channel) : std::nullopt;
    case ChannelColumn::NonFinite:
        if (channel < static_cast<std::int64_t>(lane.health.size()))
            return lane.health[static_cast<std::size_t>(channel)].nonFinite();
        return std::nullopt;
    default:
        return std::nullopt;
    }
}

}  // namespace

QString channelColumnTitle(ChannelColumn column) {
    switch (column) {
    case ChannelColumn::Channel:
        return Words::tr("c");
    case ChannelColumn::BatchMean:
        return Words::tr("batch\nmean");
    case ChannelColumn::RunningMean:
        return Words::tr("running\nmean");
    case ChannelColumn::BatchVar:
        return Words::tr("batch\nvar ÷n");
    case ChannelColumn::RunningVar:
        return Words::tr("running\nvar ÷(n−1)");
    case ChannelColumn::Weight:
        return Words::tr("γ");
    case ChannelColumn::Distance:
        return Words::tr("(batch −\nrunning)/σ");
    case ChannelColumn::Bias:
        return Words::tr("β");
    case ChannelColumn::GradWeight:
        return Words::tr("grad\nγ");
    case ChannelColumn::GradBias:
        return Words::tr("grad\nβ");
    case ChannelColumn::NonFinite:
        return Words::tr("not\nfinite");
    }
    return {};
}

QString channelColumnName(ChannelColumn column) {
    switch (column) {
    case ChannelColumn::Channel:
        return Words::tr("channel");
    case ChannelColumn::Weight:
        return Words::tr("γ weight");
    case ChannelColumn::Distance:
        return Words::tr("(batch mean − running mean before)/√running var before");
    case ChannelColumn::Bias:
        return Words::tr("β bias");
    case ChannelColumn::NonFinite:
        return Words::tr("values not finite");
    default:
        return channelColumnTitle(column).replace(QLatin1Char('\n'), QLatin1Char(' '));
    }
}

QString channelColumnSentence(ChannelColumn column) {
    switch (column) {
    case ChannelColumn::Channel:
        return Words::tr("The channel: each one is normalised on its own.");
    case ChannelColumn::BatchMean:
        return Words::tr("Mean of this channel over the batch, all N·L values.");
    case ChannelColumn::RunningMean:
        return Words::tr("running_mean after this step: what eval would subtract from now on.");
    case ChannelColumn::BatchVar:
        return Words::tr("Biased variance of the batch, the sum of squares divided by n: train normalises with it.");
    case ChannelColumn::RunningVar:
        return Words::tr("running_var after this step: it collects unbiased variances, divided by n − 1.");
    case ChannelColumn::Weight:
        return Words::tr("γ (weight) after this step: y = γ · x̂ + β.");
    case ChannelColumn::Distance:
        return Words::tr("How far the batch mean lies from the running mean that this batch met, in running standard "
                         "deviations.");
    case ChannelColumn::Bias:
        return Words::tr("β (bias) after this step: y = γ · x̂ + β.");
    case ChannelColumn::GradWeight:
        return Words::tr("Gradient of the loss by γ: the sum of dy · x̂.");
    case ChannelColumn::GradBias:
        return Words::tr("Gradient of the loss by β: the sum of dy.");
    case ChannelColumn::NonFinite:
        return Words::tr("How many values of the batch are NaN or infinite; one is enough to poison the statistics.");
    }
    return {};
}

int channelColumnDigits(ChannelColumn column) {
    return column == ChannelColumn::BatchMean || column == ChannelColumn::RunningMean ? 4 : 3;
}

QColor channelColumnColor(ChannelColumn column) {
    switch (column) {
    case ChannelColumn::BatchMean:
    case ChannelColumn::BatchVar:
        return colors().batchText;
    case ChannelColumn::RunningMean:
    case ChannelColumn::RunningVar:
        return colors().runningText;
    case ChannelColumn::Weight:
    case ChannelColumn::Bias:
        return colors().affineText;
    default:
        return {};
    }
}

MaybeNumber channelNumber(const Shown& shown, ChannelColumn column, std::int64_t channel) {
    if (column == ChannelColumn::Channel)
        return static_cast<double>(channel);
    if (const MaybeNumber number = stateNumber(shown.state.get(), column, channel))
        return number;
    return shown.lane ? stepNumber(*shown.lane, column, channel) : std::nullopt;
}

MaybeNumber channelNumberBefore(const Shown& shown, ChannelColumn column, std::int64_t channel) {
    return shown.lane ? stateNumber(shown.lane->before.get(), column, channel) : std::nullopt;
}

}  // namespace bnstudio
