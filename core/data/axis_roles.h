// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_file.h"

#include <memory>
#include <string>

namespace bnstudio {

/// Whether the text names the axes of a tensor: N and C, and L or not, each once, such as "NLC" or "CN". Empty means the
/// natural order, "NC" and "NCL".
bool isAxisOrder(const std::string& axes);

/// A tensor whose axes are in another order, seen as (N, C) or (N, C, L) and still read on demand. L stands for all the
/// axes that are neither N nor C: (N, H, W, C) read as "NLC" becomes (N, C, H·W). A tensor of rank 2 has no L, which is
/// passed over. The tensor itself when it is in natural order.
///
/// Where N is not the first axis, a batch lies scattered over the whole tensor and costs a read per piece.
/// Throws Error(BadInput) "WHERE: …" for a rank that the axes do not fit.
std::shared_ptr<const LazyTensor> withAxes(std::shared_ptr<const LazyTensor> tensor, const std::string& axes,
                                           const std::string& where);

/// A word for a batch whose channels are not @p numFeatures, when an other of its axes has that length; else empty.
std::string axesHint(const Dims& batchShape, std::int64_t numFeatures);

}  // namespace bnstudio
