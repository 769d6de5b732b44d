// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/timeline_bars.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bnstudio {

bool TimelineBars::follow(const SeriesView& series, std::int64_t mostSteps) {
    if (series.generation() != m_generation || series.length() < length()) {
        m_generation = series.generation();
        m_surprise.clear();
        m_flags.clear();
    }
    const std::int64_t end = std::min(series.length(), length() + mostSteps);
    for (std::int64_t step = length(); step < end; ++step)
        take(series, step);
    return end == series.length();
}

void TimelineBars::take(const SeriesView& series, std::int64_t step) {
    const double surprise = series.at(ScalarQuantity::Surprise, step);
    std::uint8_t flags = 0;
    if (series.at(ScalarQuantity::Refused, step) > 0)
        flags |= Refused;
    else if (std::isnan(surprise) && !std::isnan(series.at(ScalarQuantity::BatchesTracked, step))
             && series.at(ScalarQuantity::ValuesPerChannel, step) > 0)
        flags |= NotANumber;
    m_surprise.push_back(static_cast<float>(surprise));
    m_flags.push_back(flags);
}

TimelineBar TimelineBars::over(std::int64_t first, std::int64_t last) const {
    float greatest = std::numeric_limits<float>::quiet_NaN();
    std::uint8_t flags = 0;
    for (std::int64_t step = first; step < last; ++step) {
        const float surprise = m_surprise[static_cast<std::size_t>(step)];
        if (!(greatest >= surprise) && !std::isnan(surprise))
            greatest = surprise;
        flags |= m_flags[static_cast<std::size_t>(step)];
    }
    return {greatest, (flags & Refused) != 0, (flags & NotANumber) != 0};
}

}  // namespace bnstudio
