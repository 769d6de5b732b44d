// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_file.h"

#include <cstdint>
#include <optional>
#include <stop_token>

namespace bnstudio {

/// How many values of a tensor are what; the smallest and the largest finite one.
struct TensorHealth {
    std::int64_t count = 0;
    std::int64_t negInf = 0, negative = 0, zero = 0, positive = 0, posInf = 0, nan = 0;
    std::optional<double> least, most;  ///< absent when no value is finite
    bool isSample = false;              ///< not every value was looked at
    void add(const TensorHealth& other);
};

/// Reads the tensor slice by slice, so that a file larger than memory can be looked at. Throws Error(Cancelled).
TensorHealth tensorHealth(const LazyTensor& tensor, std::stop_token stop);

/// As above, but of a tensor of more than @p byteLimit bytes only slices at equal distances, of about so many bytes.
TensorHealth sampledHealth(const LazyTensor& tensor, std::int64_t byteLimit, std::stop_token stop);

/// Bytes of a whole tensor as its file holds it, and of one slice along its first axis.
std::int64_t byteSizeOf(const LazyTensor& tensor);
std::int64_t rowBytesOf(const LazyTensor& tensor);

}  // namespace bnstudio
