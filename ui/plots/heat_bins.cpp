// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/heat_bins.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bnstudio {

namespace {

constexpr float noValue = std::numeric_limits<float>::quiet_NaN();
constexpr std::int64_t blockSteps = 64;

float fartherFromZero(float a, float b) {
    if (std::isnan(a))
        return b;
    return std::isnan(b) || std::abs(a) >= std::abs(b) ? a : b;
}

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

}  // namespace

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

void HeatBins::reset(Window window, int mostColumns, int mostRows, std::map<std::int64_t, RunningBefore> before) {
    m_window = window;
    m_mostColumns = std::max(2, mostColumns);
    const std::int64_t channels = std::max<std::int64_t>(0, window.high - window.low);
    m_channelsPerRow = std::max<std::int64_t>(1, (channels + mostRows - 1) / std::max(1, mostRows));
    m_rows = static_cast<int>((channels + m_channelsPerRow - 1) / m_channelsPerRow);
    m_columns = 0;
    m_stepsPerColumn = 1;
    m_next = window.first;
    m_bins.clear();
    m_before = std::move(before);
}

void HeatBins::mergePairs() {
    const int merged = (m_columns + 1) / 2;
    for (int column = 0; column < merged; ++column)
        for (int row = 0; row < m_rows; ++row) {
            const float second = 2 * column + 1 < m_columns ? at(2 * column + 1, row) : noValue;
            m_bins[index(column, row)] = fartherFromZero(at(2 * column, row), second);
        }
    m_columns = merged;
    m_stepsPerColumn *= 2;
    m_bins.resize(index(m_columns, 0));
}

void HeatBins::ensureColumn(std::int64_t step) {
    while ((step - m_window.first) / m_stepsPerColumn >= m_mostColumns)
        mergePairs();
    m_columns = std::max(m_columns, static_cast<int>((step - m_window.first) / m_stepsPerColumn) + 1);
    m_bins.resize(index(m_columns, 0), noValue);
}

void HeatBins::take(const SeriesView& series, std::int64_t first, std::int64_t count) {
    ensureColumn(first + count - 1);
    double mean[blockSteps], runningMean[blockSteps + 1], runningVar[blockSteps + 1], n[blockSteps];
    for (std::int64_t i = 0; i < count; ++i)
        n[i] = series.at(ScalarQuantity::ValuesPerChannel, first + i);
    const auto size = static_cast<std::size_t>(count);
    const auto firstOverride = m_before.lower_bound(first);
    for (std::int64_t channel = m_window.low; channel < std::min(m_window.high, series.channels()); ++channel) {
        series.column(Quantity::BatchMean, channel, first, {mean, size});
        // What holds before a step is what held after the one before it; where that is not so, the map knows.
        const std::int64_t from = std::max<std::int64_t>(first - 1, 0), skipped = from - (first - 1);
        const auto wanted = static_cast<std::size_t>(first + count - 1 - from);
        series.column(Quantity::RunningMean, channel, from, {runningMean + skipped, wanted});
        series.column(Quantity::RunningVar, channel, from, {runningVar + skipped, wanted});
        for (auto it = firstOverride; it != m_before.end() && it->first < first + count; ++it) {
            runningMean[it->first - first] = valueOf(it->second.mean, channel);
            runningVar[it->first - first] = valueOf(it->second.var, channel);
        }
        const int row = static_cast<int>((channel - m_window.low) / m_channelsPerRow);
        for (std::int64_t i = 0; i < count; ++i) {
            const double z = (mean[i] - runningMean[i]) / std::sqrt(runningVar[i] / n[i]);
            float& bin = m_bins[index(static_cast<int>((first + i - m_window.first) / m_stepsPerColumn), row)];
            bin = fartherFromZero(bin, static_cast<float>(z));
        }
    }
}

bool HeatBins::advance(const SeriesView& series, std::int64_t cells) {
    const std::int64_t end = m_window.last < 0 ? series.length() : std::min(m_window.last, series.length());
    const std::int64_t channels = std::max<std::int64_t>(1, m_window.high - m_window.low);
    while (m_next < end && cells > 0) {
        // Blocks of the series are 64 steps; staying inside them reads each once.
        const std::int64_t count =
            std::min({end - m_next, blockSteps - m_next % blockSteps, std::max<std::int64_t>(1, cells / channels)});
        take(series, m_next, count);
        m_next += count;
        cells -= count * channels;
    }
    return m_next >= end;
}

}  // namespace bnstudio
