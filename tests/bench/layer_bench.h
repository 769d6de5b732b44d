// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/tensor.h"

#include <string>
#include <vector>

namespace bnstudio::bench {

/// "4096x1024".
std::string shapeLabel(const Dims& shape);
/// Standard normal values; @p k numbers the batch.
Tensor normalBatch(const Dims& shape, DType dtype, std::int64_t k);
/// The shapes every layer is measured on.
const std::vector<Dims>& layerShapes();

/// forward_train, forward_eval, backward: the layer.
void registerLayer();
/// limit_train, limit_eval, limit_backward: loops that move the least bytes these passes could move.
void registerLimits();
/// onednn_train, onednn_eval, onednn_backward, where the library was found.
void registerOneDnn();

}  // namespace bnstudio::bench
