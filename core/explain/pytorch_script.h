// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/snapshot.h"

#include <cstdint>
#include <string>

namespace bnstudio {

/// Up to so many values a tensor is written as decimals, which people can read and change; beyond that as base64.
inline constexpr std::int64_t scriptDecimalValues = 4096;
/// The largest batch that is copied: x, dy, y and grad_x then take 5.3 MiB of text, and beyond that clipboards and
/// editors suffer.
inline constexpr std::int64_t scriptMostValues = std::int64_t{1} << 17;

/// A Python program that repeats this very step with torch.nn.BatchNorm1d: the state before it, the batch, loss or
/// upstream gradient and optimiser as literals, then our results, each compared under a tolerance that the program
/// derives from the rounding errors of PyTorch's own sums. It ends with "agrees with PyTorch" or an AssertionError.
/// A step that the layer refused must be refused by PyTorch in the same words.
///
/// Throws Error(Usage) when there is nothing to repeat: a skipped step, a step of several groups (only the last one is
/// remembered), a refusal that is not the layer's own, or a batch above scriptMostValues.
std::string pytorchScript(const Frame& frame);

}  // namespace bnstudio
