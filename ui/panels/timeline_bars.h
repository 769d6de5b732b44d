// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/series.h"

#include <vector>

namespace bnstudio {

/// What a bar of the timeline says about the steps that share it.
struct TimelineBar {
    float surprise = 0;       ///< the greatest; NaN when no step has one
    bool refused = false;     ///< the layer refused one of the batches
    bool notANumber = false;  ///< there are running statistics, and not one channel whose distance is a number
};

/// The surprise of every step in memory of its own, five bytes a step: series may lie on the disk, and bars are asked
/// for while painting.
class TimelineBars {
public:
    /// Takes in what is new, at most @p mostSteps of it; returns whether that was all.
    bool follow(const SeriesView& series, std::int64_t mostSteps);
    /// Steps taken in.
    std::int64_t length() const { return static_cast<std::int64_t>(m_surprise.size()); }
    /// Steps first … last − 1, all of them below length().
    TimelineBar over(std::int64_t first, std::int64_t last) const;

private:
    enum Flag : std::uint8_t { Refused = 1, NotANumber = 2 };
    void take(const SeriesView& series, std::int64_t step);

    std::uint64_t m_generation = 0;
    std::vector<float> m_surprise;
    std::vector<std::uint8_t> m_flags;
};

}  // namespace bnstudio
