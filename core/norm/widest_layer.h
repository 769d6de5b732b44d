// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace bnstudio {

/// The most channels that a layer may have: its parameters, buffers and series stay within a few GiB. More of them are
/// rather samples, of a table that is to be transposed, or do not belong to a batch-norm layer.
inline constexpr std::int64_t widestLayer = std::int64_t{1} << 22;

}  // namespace bnstudio
