// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/error.h"

namespace bnstudio {

/// Exit statuses of the command line; scripts depend on the numbers.
namespace status {
inline constexpr int done = 0;
inline constexpr int different = 1;
inline constexpr int usage = 2;
inline constexpr int refused = 3;
inline constexpr int writeFailed = 4;
inline constexpr int interrupted = 130;
}  // namespace status

int exitStatusOf(ErrorCode code);

}  // namespace bnstudio
