// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/layer.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bnstudio {

/// What can be wrong with the parameters and buffers of a trained layer, the worst first.
enum class Suspicion {
    NotFinite,          ///< NaN or infinity
    NegativeVariance,   ///< a running variance below 0
    NeverTrained,       ///< statistics still 0 and 1, and the counter is 0 or missing
    UnmovedStatistics,  ///< statistics still 0 and 1, though the counter says otherwise
    UncountedBatches,   ///< statistics have moved, but the counter is 0
    NegativeCounter,
    TinyVariance,  ///< a running variance below tinyVariance
    TinyWeight,    ///< |γ| below tinyWeight
    NoCounter,     ///< num_batches_tracked is missing
};

/// PyTorch's default eps. Where the variance is smaller, eps makes more than half of the denominator √(var + eps), and
/// the output is visibly smaller than normalised.
inline constexpr double tinyVariance = 1e-5;
/// x̂ rarely leaves ±10, so that with such a γ a channel gives β within a thousandth: it tells nothing of its input.
inline constexpr double tinyWeight = 1e-4;

struct StateFinding {
    Suspicion kind = Suspicion::NotFinite;
    std::vector<std::int64_t> channels;  ///< the affected ones; empty when it is about the layer
    std::string sentence;
    bool operator==(const StateFinding&) const = default;
};

/// Looks through a state that was loaded from somewhere; the worst finding first. Absent vectors are not looked at.
std::vector<StateFinding> auditState(const LayerState& state);

/// A word for programs: "not_finite", "negative_variance", …
std::string suspicionName(Suspicion kind);

}  // namespace bnstudio
