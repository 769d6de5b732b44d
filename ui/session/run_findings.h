// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/findings/findings.h"

#include <cstdint>
#include <vector>

namespace bnstudio {

/// What is wrong with the run after its first `steps` steps. Immutable once shared.
struct RunFindings {
    std::int64_t steps = 0;
    std::vector<Finding> list;
};

}  // namespace bnstudio
