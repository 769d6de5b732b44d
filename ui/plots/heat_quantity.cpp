// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/heat_quantity.h"

#include <QCoreApplication>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace bnstudio {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bnstudio::HeatQuantity)
};

double valueOf(const std::optional<ChannelVector>& values, std::int64_t channel) {
    if (!values || values->empty())
        return std::numeric_limits<double>::quiet_NaN();
    if (values->size() == 1)
        return values->front();
    const auto at = static_cast<std::size_t>(channel);
    return at < values->size() ? (*values)[at] : std::numeric_limits<double>::quiet_NaN();
}

RunningBefore fresh() {
    return {ChannelVector{0.0}, ChannelVector{1.0}};
}

Quantity columnOf(HeatQuantity quantity) {
    switch (quantity) {
    case HeatQuantity::Surprise:
        return Quantity::BatchMean;
    case HeatQuantity::VarianceRatio:
        return Quantity::BatchVarUnbiased;
    case HeatQuantity::Weight:
        return Quantity::Weight;
    case HeatQuantity::Bias:
        return Quantity::Bias;
    case HeatQuantity::GradWeight:
        return Quantity::GradWeight;
    case HeatQuantity::GradBias:
        return Quantity::GradBias;
    case HeatQuantity::NonFinite:
        break;
    }
    return Quantity::NonFinite;
}

}  // namespace

HeatQuantityFacts factsOf(HeatQuantity quantity) {
    switch (quantity) {
    case HeatQuantity::Surprise:
        return {"surprise",
                Words::tr("surprise z"),
                QStringLiteral("z"),
                Words::tr("(batch mean − running mean) / (σ/√n)"),
                true,
                6};
    case HeatQuantity::VarianceRatio:
        return {"variance",
                Words::tr("variance ratio"),
                Words::tr("log₂ ratio"),
                Words::tr("log₂(batch var / running var), both ÷(n−1)"),
                true,
                3};
    case HeatQuantity::Weight:
        return {"weight", QStringLiteral("γ"), QStringLiteral("γ"), Words::tr("γ after the step"), true, 0};
    case HeatQuantity::Bias:
        return {"bias", QStringLiteral("β"), QStringLiteral("β"), Words::tr("β after the step"), true, 0};
    case HeatQuantity::GradWeight:
        return {"gradWeight", Words::tr("gradient of γ"), QStringLiteral("∂L/∂γ"), QStringLiteral("∂L/∂γ"), true, 0};
    case HeatQuantity::GradBias:
        return {"gradBias", Words::tr("gradient of β"), QStringLiteral("∂L/∂β"), QStringLiteral("∂L/∂β"), true, 0};
    case HeatQuantity::NonFinite:
        break;
    }
    return {
        "nonFinite", Words::tr("NaN and ∞"), Words::tr("not finite"), Words::tr("values that are NaN or ±∞"), false, 0};
}

std::map<std::int64_t, RunningBefore> runningBefore(const Recipe& recipe) {
    std::map<std::int64_t, RunningBefore> before;
    if (recipe.lanes.empty())
        return before;
    const LaneSpec& lane = recipe.lanes.front();
    if (lane.initialState)
        before[0] = {lane.initialState->runningMean, lane.initialState->runningVar};
    else
        before[0] = lane.layer.trackRunningStats ? fresh() : RunningBefore{};
    for (const Event& event : recipe.events) {
        if (event.lane > 0)
            continue;
        if (std::holds_alternative<ResetRunningStats>(event.action))
            before[event.step] = fresh();
        else if (const auto* load = std::get_if<LoadState>(&event.action))
            before[event.step] = {load->state.runningMean, load->state.runningVar};
    }
    return before;
}

HeatReader::HeatReader(HeatQuantity quantity, const SeriesView& series,
                       const std::map<std::int64_t, RunningBefore>& before, std::int64_t first, std::int64_t count)
    : m_quantity(quantity), m_series(series), m_before(before), m_first(first), m_count(count) {
    assert(count <= mostSteps && first + count <= series.length());
    if (quantity == HeatQuantity::Surprise)
        for (std::int64_t i = 0; i < count; ++i)
            m_n[i] = series.at(ScalarQuantity::ValuesPerChannel, first + i);
}

// What holds before a step is what held after the one before it; where that is not so, the map knows.
void HeatReader::readBefore(Quantity quantity, std::int64_t channel, double* out) const {
    const std::int64_t skipped = m_first > 0 ? 0 : 1;
    out[0] = std::numeric_limits<double>::quiet_NaN();
    m_series.column(quantity, channel, m_first - 1 + skipped,
                    {out + skipped, static_cast<std::size_t>(m_count - skipped)});
    for (auto it = m_before.lower_bound(m_first); it != m_before.end() && it->first < m_first + m_count; ++it)
        out[it->first - m_first] =
            valueOf(quantity == Quantity::RunningMean ? it->second.mean : it->second.var, channel);
}

const double* HeatReader::read(std::int64_t channel) {
    m_series.column(columnOf(m_quantity), channel, m_first, {m_values, static_cast<std::size_t>(m_count)});
    if (m_quantity == HeatQuantity::Surprise || m_quantity == HeatQuantity::VarianceRatio)
        readBefore(Quantity::RunningVar, channel, m_var);
    if (m_quantity == HeatQuantity::Surprise) {
        readBefore(Quantity::RunningMean, channel, m_mean);
        for (std::int64_t i = 0; i < m_count; ++i)
            m_values[i] = (m_values[i] - m_mean[i]) / std::sqrt(m_var[i] / m_n[i]);
    } else if (m_quantity == HeatQuantity::VarianceRatio) {
        for (std::int64_t i = 0; i < m_count; ++i)
            m_values[i] = std::log2(m_values[i] / m_var[i]);
    }
    return m_values;
}

}  // namespace bnstudio
