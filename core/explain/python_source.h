// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/layer.h"
#include "core/tensor/tensor.h"

#include <string>

namespace bnstudio {

/// A Python expression that makes the tensor, with the helper tensor() of the program's beginning: its values as decimals
/// that read back exactly, or base64 when there are more than scriptDecimalValues.
std::string pythonTensor(const Tensor& tensor);
/// One value a channel in the layer's dtype, or in float64 for statistics.
std::string pythonVector(const std::vector<double>& values, DType dtype);
/// The same, "None" for nothing.
std::string pythonVector(const std::optional<ChannelVector>& values, DType dtype);
/// A string literal.
std::string pythonString(const std::string& text);

/// The fixed parts of the program.
extern const char* const scriptHelpers;         ///< imports, tensor(), check()
extern const char* const scriptForwardErrors;   ///< what PyTorch's forward may be off by
extern const char* const scriptBackwardErrors;  ///< and its gradients
extern const char* const scriptSgdErrors;       ///< and a parameter after a step of the optimiser
extern const char* const scriptAdamErrors;

}  // namespace bnstudio
