// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/tensor_health.h"

#include "core/error.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {
namespace {

constexpr std::int64_t sliceBytes = std::int64_t{4} << 20;

void count(TensorHealth& health, double value) {
    ++health.count;
    if (std::isnan(value)) {
        ++health.nan;
        return;
    }
    if (std::isinf(value)) {
        ++(value < 0 ? health.negInf : health.posInf);
        return;
    }
    ++(value < 0 ? health.negative : value > 0 ? health.positive : health.zero);
    health.least = std::min(health.least.value_or(value), value);
    health.most = std::max(health.most.value_or(value), value);
}

void count(TensorHealth& health, const Tensor& values) {
    for (std::int64_t i = 0; i < values.size(); ++i)
        count(health, values.at(i));
}

/// Rows that together stay near the slice size; a single row may be larger.
std::int64_t rowsPerSlice(const LazyTensor& tensor) {
    const Dims rest(tensor.shape().begin() + 1, tensor.shape().end());
    const std::int64_t rowBytes =
        checkedElementCount(rest, itemSize(tensor.dtype())) * static_cast<std::int64_t>(itemSize(tensor.dtype()));
    return std::max<std::int64_t>(1, sliceBytes / std::max<std::int64_t>(1, rowBytes));
}

}  // namespace

TensorHealth tensorHealth(const LazyTensor& tensor, std::stop_token stop) {
    TensorHealth health;
    if (tensor.shape().empty()) {
        count(health, tensor.read());
        return health;
    }
    const std::int64_t rows = tensor.shape()[0], slice = rowsPerSlice(tensor);
    Tensor values;
    for (std::int64_t first = 0; first < rows; first += slice) {
        if (stop.stop_requested())
            throw Error(ErrorCode::Cancelled, "interrupted");
        tensor.readRows(first, std::min(slice, rows - first), values);
        count(health, values);
    }
    return health;
}

}  // namespace bnstudio
