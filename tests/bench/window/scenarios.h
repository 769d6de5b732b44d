// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/bench/window/clock.h"
#include "tests/bench/window/timed_application.h"

#include "core/tensor/tensor.h"

namespace bnstudio::bench {

/// From @p processStart to the first complete picture of the default recipe. The application is made in here.
void measureStart(int& argc, char** argv, Clock::time_point processStart);
/// Playing as fast as it goes on batches of a shape: latency of events and keys, painted steps, seeks, memory.
void measurePlaying(TimedApplication& application, const Dims& batch, bool profile);
/// From a key to the painted pixels of every panel, on a run of so many steps; going back, and to steps all over it.
void measureFrameTimes(TimedApplication& application, const Dims& batch, std::int64_t steps, bool profile);
/// A run longer than its history budget holds: seeks to steps that must be computed again, memory.
void measureLongRun(TimedApplication& application, bool profile);

}  // namespace bnstudio::bench
