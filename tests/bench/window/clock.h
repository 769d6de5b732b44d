// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace bnstudio::bench {

using Clock = std::chrono::steady_clock;

inline double milliseconds(Clock::duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

/// The clock is CLOCK_MONOTONIC, the same for all processes: a parent's reading means something to its child.
inline Clock::time_point fromNanoseconds(long long count) {
    return Clock::time_point(std::chrono::duration_cast<Clock::duration>(std::chrono::nanoseconds(count)));
}
inline long long toNanoseconds(Clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

}  // namespace bnstudio::bench
