// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/layer.h"

namespace bnstudio {

/// r ← (1 − f)·r + f·s with f = record.factor, computed in double-double and rounded once to the layer's dtype.
void updateRunningMean(ChannelVector& running, const ForwardRecord& record, DType dtype);
/// The same with the unbiased variance Σ(x − mean)²/(n − 1) as s (semantics 19).
void updateRunningVar(ChannelVector& running, const std::vector<double>& sumSquares, const ForwardRecord& record,
                      DType dtype);

}  // namespace bnstudio
