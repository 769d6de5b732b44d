// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/heat_bins.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace bnstudio {

namespace {

constexpr float noValue = std::numeric_limits<float>::quiet_NaN();

}  // namespace

float HeatBins::farther(float a, float b) {
    if (std::isnan(a))
        return b;
    return std::isnan(b) || std::abs(a) >= std::abs(b) ? a : b;
}

void HeatBins::reset(Window window, int mostColumns, int mostRows, std::map<std::int64_t, RunningBefore> before,
                     HeatQuantity quantity) {
    m_window = window;
    m_mostColumns = std::max(2, mostColumns);
    const std::int64_t channels = std::max<std::int64_t>(0, window.high - window.low);
    m_channelsPerRow = std::max<std::int64_t>(1, (channels + mostRows - 1) / std::max(1, mostRows));
    m_rows = static_cast<int>((channels + m_channelsPerRow - 1) / m_channelsPerRow);
    m_columns = 0;
    m_stepsPerColumn = 1;
    m_next = window.first;
    m_bins.clear();
    m_largest.assign(static_cast<std::size_t>(m_rows), noValue);
    m_firstChanged = 0;
    m_quantity = quantity;
    m_before = std::move(before);
}

void HeatBins::mergePairs() {
    const int merged = (m_columns + 1) / 2;
    for (int column = 0; column < merged; ++column)
        for (int row = 0; row < m_rows; ++row) {
            const float second = 2 * column + 1 < m_columns ? at(2 * column + 1, row) : noValue;
            m_bins[index(column, row)] = farther(at(2 * column, row), second);
        }
    m_firstChanged = 0;
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
    m_firstChanged = std::min(m_firstChanged, static_cast<int>((first - m_window.first) / m_stepsPerColumn));
    HeatReader reader(m_quantity, series, m_before, first, count);
    for (std::int64_t channel = m_window.low; channel < std::min(m_window.high, series.channels()); ++channel) {
        const double* values = reader.read(channel);
        const int row = static_cast<int>((channel - m_window.low) / m_channelsPerRow);
        float& largest = m_largest[static_cast<std::size_t>(row)];
        for (std::int64_t i = 0; i < count; ++i) {
            const auto value = static_cast<float>(values[i]);
            float& bin = m_bins[index(static_cast<int>((first + i - m_window.first) / m_stepsPerColumn), row)];
            bin = farther(bin, value);
            largest = farther(largest, std::abs(value));
        }
    }
}

int HeatBins::takeChanged() {
    return std::exchange(m_firstChanged, m_columns);
}

bool HeatBins::advance(const SeriesView& series, std::int64_t cells) {
    const std::int64_t end = m_window.last < 0 ? series.length() : std::min(m_window.last, series.length());
    const std::int64_t channels = std::max<std::int64_t>(1, m_window.high - m_window.low);
    while (m_next < end && cells > 0) {
        // Blocks of the series are 64 steps; staying inside them reads each once.
        const std::int64_t count = std::min({end - m_next, HeatReader::mostSteps - m_next % HeatReader::mostSteps,
                                             std::max<std::int64_t>(1, cells / channels)});
        take(series, m_next, count);
        m_next += count;
        cells -= count * channels;
    }
    return m_next >= end;
}

}  // namespace bnstudio
