// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/series.h"
#include "core/run/trace.h"

#include <memory>
#include <span>
#include <stop_token>
#include <vector>

namespace bnstudio {

/// The running statistics of a recording, one column a channel, to draw beside those of the run. Immutable.
class RecordedSeries {
public:
    /// Reads them all. Null when there are none, or more than can be held for a drawing.
    static std::shared_ptr<const RecordedSeries> read(const Trace& trace, const Progress& progress,
                                                      const std::stop_token& stop);
    std::int64_t length() const { return m_length; }
    std::int64_t channels() const { return m_channels; }
    /// RunningMean and RunningVar after a step; NaN for other quantities, outside, and where nothing was recorded.
    double at(Quantity quantity, std::int64_t step, std::int64_t channel) const;
    /// Values of steps from @p first on.
    void column(Quantity quantity, std::int64_t channel, std::int64_t first, std::span<double> out) const;

private:
    RecordedSeries() = default;
    const std::vector<double>* values(Quantity quantity) const;

    std::int64_t m_length = 0, m_channels = 0;
    std::vector<double> m_mean, m_var;  ///< step by step; empty where the layer keeps none
};

}  // namespace bnstudio
