// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/dtype.h"

#include <cassert>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bnstudio {

using Dims = std::vector<std::int64_t>;

/// Product of the dimensions; throws Error(BadInput) when one is negative or the product times @p itemBytes
/// does not fit 63 bits.
std::int64_t checkedElementCount(const Dims& shape, std::size_t itemBytes);
/// "(32, 8)", "(5,)", "()".
std::string shapeText(const Dims& shape);
/// "torch.Size([32, 8])", as PyTorch's messages print it.
std::string torchSizeText(const Dims& shape);

/// A dense, contiguous, C-ordered array that owns its storage (64-byte aligned). Copying copies the values.
class Tensor {
public:
    Tensor() = default;
    /// Values start at zero. Throws Error(BadInput) on an impossible shape.
    Tensor(DType dtype, Dims shape);
    Tensor(const Tensor& other);
    Tensor& operator=(const Tensor& other);
    Tensor(Tensor&&) noexcept = default;
    Tensor& operator=(Tensor&&) noexcept = default;

    template <class T>
    static Tensor of(Dims shape, std::initializer_list<T> values);
    template <class T>
    static Tensor of(Dims shape, std::span<const T> values);

    DType dtype() const { return m_dtype; }
    const Dims& shape() const { return m_shape; }
    int rank() const { return static_cast<int>(m_shape.size()); }
    std::int64_t size() const { return m_size; }
    std::size_t byteSize() const { return static_cast<std::size_t>(m_size) * itemSize(m_dtype); }

    template <class T>
    std::span<T> values() {
        assert(dtypeOf<T>() == m_dtype);
        return {reinterpret_cast<T*>(m_bytes.get()), static_cast<std::size_t>(m_size)};
    }
    template <class T>
    std::span<const T> values() const {
        assert(dtypeOf<T>() == m_dtype);
        return {reinterpret_cast<const T*>(m_bytes.get()), static_cast<std::size_t>(m_size)};
    }
    std::byte* bytes() { return m_bytes.get(); }
    const std::byte* bytes() const { return m_bytes.get(); }

    /// Element at a flat C-order index, as a double (exact but for 64-bit integers beyond 2^53).
    double at(std::int64_t flatIndex) const;
    /// Stores a value at a flat index, rounded to the dtype. Float32 and Float64 only.
    void set(std::int64_t flatIndex, double value);

    /// Changes dtype and shape; the old values are lost. Keeps the storage when it is large enough, so that a tensor
    /// reused from step to step allocates once.
    void reshapeFor(DType dtype, const Dims& shape);
    /// The same values under another shape of equal size.
    void setShape(Dims shape);
    /// A copy converted to a layer dtype, rounding to nearest.
    Tensor convertedTo(DType layerDType) const;

private:
    struct Free {
        void operator()(std::byte* p) const;
    };
    DType m_dtype = DType::Float32;
    Dims m_shape{0};
    std::int64_t m_size = 0;
    std::size_t m_capacity = 0;
    std::unique_ptr<std::byte[], Free> m_bytes;
};

/// N, C and L of a batch; a tensor of rank 2 has L = 1.
struct BatchShape {
    std::int64_t n = 0, c = 0, l = 1;
    std::int64_t valuesPerChannel() const { return n * l; }
    /// @p shape must have rank 2 or 3.
    static BatchShape of(const Dims& shape) { return {shape[0], shape[1], shape.size() > 2 ? shape[2] : 1}; }
};

template <class T>
Tensor Tensor::of(Dims shape, std::span<const T> source) {
    Tensor tensor(dtypeOf<T>(), std::move(shape));
    assert(static_cast<std::size_t>(tensor.size()) == source.size());
    std::copy(source.begin(), source.end(), tensor.values<T>().begin());
    return tensor;
}
template <class T>
Tensor Tensor::of(Dims shape, std::initializer_list<T> source) {
    return of<T>(std::move(shape), std::span<const T>(source.begin(), source.size()));
}

}  // namespace bnstudio
