// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/tensor_health.h"

#include "core/error.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {
namespace {

constexpr std::int64_t sliceBytes = std::int64_t{4} << 20;
constexpr std::int64_t longestRowBytes = std::int64_t{64} << 20;  // of those that are read at once

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
    return std::max<std::int64_t>(1, sliceBytes / std::max<std::int64_t>(1, rowBytesOf(tensor)));
}

/// A row that is too long to be read at once, in pieces.
void countRow(TensorHealth& health, const LazyTensor& tensor, std::int64_t row, std::stop_token stop) {
    const auto itemBytes = static_cast<std::int64_t>(itemSize(tensor.dtype()));
    const std::int64_t columns = rowBytesOf(tensor) / itemBytes, piece = sliceBytes / itemBytes;
    Tensor values;
    for (std::int64_t begin = 0; begin < columns; begin += piece) {
        if (stop.stop_requested())
            throw Error(ErrorCode::Cancelled, "interrupted");
        tensor.readColumns(row, 1, begin, std::min(piece, columns - begin), values);
        count(health, values);
    }
}

/// Looks at slices whose first rows are @p stride apart.
TensorHealth healthOfSlices(const LazyTensor& tensor, std::int64_t slice, std::int64_t stride, std::stop_token stop) {
    TensorHealth health;
    if (rowBytesOf(tensor) == 0)
        return health;  // there may be any number of empty rows
    const std::int64_t rows = tensor.shape()[0];
    Tensor values;
    for (std::int64_t first = 0; first < rows; first += stride) {
        if (stop.stop_requested())
            throw Error(ErrorCode::Cancelled, "interrupted");
        if (slice == 1 && rowBytesOf(tensor) > longestRowBytes) {
            countRow(health, tensor, first, stop);
            continue;
        }
        tensor.readRows(first, std::min(slice, rows - first), values);
        count(health, values);
    }
    health.isSample = stride > slice;
    return health;
}

}  // namespace

void TensorHealth::add(const TensorHealth& other) {
    count += other.count;
    negInf += other.negInf;
    negative += other.negative;
    zero += other.zero;
    positive += other.positive;
    posInf += other.posInf;
    nan += other.nan;
    if (other.least)
        least = std::min(least.value_or(*other.least), *other.least);
    if (other.most)
        most = std::max(most.value_or(*other.most), *other.most);
    isSample = isSample || other.isSample;
}

std::int64_t rowBytesOf(const LazyTensor& tensor) {
    const auto itemBytes = static_cast<std::int64_t>(itemSize(tensor.dtype()));
    if (tensor.shape().empty())
        return itemBytes;
    const Dims rest(tensor.shape().begin() + 1, tensor.shape().end());
    return checkedElementCount(rest, itemSize(tensor.dtype())) * itemBytes;
}

std::int64_t byteSizeOf(const LazyTensor& tensor) {
    return checkedElementCount(tensor.shape(), itemSize(tensor.dtype()))
           * static_cast<std::int64_t>(itemSize(tensor.dtype()));
}

TensorHealth tensorHealth(const LazyTensor& tensor, std::stop_token stop) {
    if (tensor.shape().empty()) {
        TensorHealth health;
        count(health, tensor.read());
        return health;
    }
    const std::int64_t slice = rowsPerSlice(tensor);
    return healthOfSlices(tensor, slice, slice, std::move(stop));
}

TensorHealth sampledHealth(const LazyTensor& tensor, std::int64_t byteLimit, std::stop_token stop) {
    const std::int64_t bytes = byteSizeOf(tensor);
    if (tensor.shape().empty() || bytes <= byteLimit)
        return tensorHealth(tensor, std::move(stop));
    // Many short slices find more than one long one: values tend to be alike in neighbouring rows.
    constexpr std::int64_t slices = 16;
    const std::int64_t rowBytes = std::max<std::int64_t>(1, rowBytesOf(tensor));
    const std::int64_t slice = std::max<std::int64_t>(1, byteLimit / slices / rowBytes);
    const std::int64_t wanted = std::max<std::int64_t>(1, byteLimit / (slice * rowBytes));
    const std::int64_t rows = tensor.shape()[0];
    return healthOfSlices(tensor, slice, std::max(slice, (rows + wanted - 1) / wanted), std::move(stop));
}

}  // namespace bnstudio
