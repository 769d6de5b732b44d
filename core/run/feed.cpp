// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/feed.h"

#include "core/parallel/parallel.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

namespace bnstudio {

namespace {

std::size_t rowBytes(const Tensor& batch) {
    return batch.shape()[0] == 0 ? 0 : batch.byteSize() / static_cast<std::size_t>(batch.shape()[0]);
}

/// Element (n, c, l) of the result is element n·stride[0] + c·stride[1] + l·stride[2] of the batch.
template <class T>
void permute(const Tensor& batch, const std::array<std::int64_t, 3>& strides, Tensor& out) {
    const T* from = batch.values<T>().data();
    T* to = out.values<T>().data();
    const BatchShape shape = BatchShape::of(out.shape());
    parallelFor(shape.n, [&](std::int64_t n) {
        for (std::int64_t c = 0; c < shape.c; ++c) {
            for (std::int64_t l = 0; l < shape.l; ++l)
                to[(n * shape.c + c) * shape.l + l] = from[n * strides[0] + c * strides[1] + l * strides[2]];
        }
    });
}

void readAxes(const std::string& axes, const Tensor& batch, Tensor& out) {
    const Dims& shape = batch.shape();
    const std::array<std::int64_t, 3> batchStrides{shape[1] * shape[2], shape[2], 1};
    constexpr std::string_view roles = "NCL";
    Dims outShape(3);
    std::array<std::int64_t, 3> strides{};
    for (std::size_t role = 0; role < 3; ++role) {
        const std::size_t axis = axes.find(roles[role]);
        assert(axis < 3);
        outShape[role] = shape[axis];
        strides[role] = batchStrides[axis];
    }
    out.reshapeFor(batch.dtype(), outShape);
    if (batch.dtype() == DType::Float32)
        permute<float>(batch, strides, out);
    else
        permute<double>(batch, strides, out);
}

}  // namespace

void copyRows(const Tensor& batch, std::int64_t first, std::int64_t count, Tensor& out) {
    Dims shape = batch.shape();
    shape[0] = count;
    out.reshapeFor(batch.dtype(), shape);
    if (out.byteSize() > 0)
        std::memcpy(out.bytes(), batch.bytes() + static_cast<std::size_t>(first) * rowBytes(batch), out.byteSize());
}

void pasteRows(const Tensor& rows, std::int64_t first, Tensor& out) {
    if (rows.byteSize() > 0)
        std::memcpy(out.bytes() + static_cast<std::size_t>(first) * rowBytes(out), rows.bytes(), rows.byteSize());
}

const Tensor& feedOf(const Feed& feed, const Tensor& batch, DType dtype, Tensor& storage) {
    const Tensor* result = &batch;
    if (feed.kind == Feed::Kind::Rows) {
        const std::int64_t first = std::min(feed.first, batch.shape()[0]);
        copyRows(batch, first, std::min(feed.last, batch.shape()[0]) - first, storage);
        result = &storage;
    } else if (feed.kind == Feed::Kind::AxisRoles && batch.rank() == 3 && feed.axes != "NCL") {
        readAxes(feed.axes, batch, storage);
        result = &storage;
    }
    if (result->dtype() != dtype) {
        storage = result->convertedTo(dtype);
        result = &storage;
    }
    return *result;
}

}  // namespace bnstudio
