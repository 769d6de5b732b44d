// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/recorded_series.h"

#include "core/error.h"

#include <algorithm>
#include <limits>

namespace bnstudio {

namespace {

constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t mostBytes = std::size_t{256} << 20;

}  // namespace

std::shared_ptr<const RecordedSeries> RecordedSeries::read(const Trace& trace, const Progress& progress,
                                                           const std::stop_token& stop) {
    const bool hasMean = trace.hasAnywhere(TraceKey::RunningMean), hasVar = trace.hasAnywhere(TraceKey::RunningVar);
    const auto cells = static_cast<std::size_t>(trace.length()) * static_cast<std::size_t>(trace.channels());
    if ((!hasMean && !hasVar) || cells > mostBytes / (2 * sizeof(double)))
        return nullptr;
    std::shared_ptr<RecordedSeries> series(new RecordedSeries());
    series->m_length = trace.length();
    series->m_channels = trace.channels();
    series->m_mean.assign(hasMean ? cells : 0, notANumber);
    series->m_var.assign(hasVar ? cells : 0, notANumber);
    const auto take = [&](TraceKey key, std::int64_t step, std::vector<double>& values) {
        if (const auto recorded = trace.vector(key, step))
            std::copy(recorded->begin(), recorded->end(), values.begin() + step * trace.channels());
    };
    for (std::int64_t step = 0; step < trace.length(); ++step) {
        if (stop.stop_requested())
            throw Error(ErrorCode::Cancelled, "reading was cancelled");
        take(TraceKey::RunningMean, step, series->m_mean);
        take(TraceKey::RunningVar, step, series->m_var);
        if (progress)
            progress(static_cast<double>(step + 1) / static_cast<double>(trace.length()));
    }
    return series;
}

const std::vector<double>* RecordedSeries::values(Quantity quantity) const {
    const auto* found = quantity == Quantity::RunningMean  ? &m_mean
                        : quantity == Quantity::RunningVar ? &m_var
                                                           : nullptr;
    return found && !found->empty() ? found : nullptr;
}

double RecordedSeries::at(Quantity quantity, std::int64_t step, std::int64_t channel) const {
    const auto* found = values(quantity);
    if (!found || step < 0 || step >= m_length || channel < 0 || channel >= m_channels)
        return notANumber;
    return (*found)[static_cast<std::size_t>(step * m_channels + channel)];
}

void RecordedSeries::column(Quantity quantity, std::int64_t channel, std::int64_t first, std::span<double> out) const {
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = at(quantity, first + static_cast<std::int64_t>(i), channel);
}

}  // namespace bnstudio
