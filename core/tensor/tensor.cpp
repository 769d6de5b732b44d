// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/tensor.h"

#include "core/error.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

namespace bnstudio {

namespace {

constexpr std::size_t alignment = 64;  // a cache line, and the widest vector register

std::byte* allocate(std::size_t bytes) {
    return static_cast<std::byte*>(::operator new[](bytes, std::align_val_t{alignment}));
}

/// Calls visit(element) with the element in its own C++ type; half types arrive as float.
template <class Visit>
auto visitElement(DType dtype, const std::byte* bytes, std::int64_t index, Visit visit) {
    const auto load = [&]<class T>(T value) {
        std::memcpy(&value, bytes + static_cast<std::size_t>(index) * sizeof(T), sizeof(T));
        return value;
    };
    switch (dtype) {
    case DType::Float32:
        return visit(load(float{}));
    case DType::Float64:
        return visit(load(double{}));
    case DType::Float16:
        return visit(halfToFloat(load(std::uint16_t{})));
    case DType::BFloat16:
        return visit(bfloat16ToFloat(load(std::uint16_t{})));
    case DType::Int8:
        return visit(load(std::int8_t{}));
    case DType::Int16:
        return visit(load(std::int16_t{}));
    case DType::Int32:
        return visit(load(std::int32_t{}));
    case DType::Int64:
        return visit(load(std::int64_t{}));
    case DType::UInt8:
        return visit(load(std::uint8_t{}));
    case DType::UInt16:
        return visit(load(std::uint16_t{}));
    case DType::UInt32:
        return visit(load(std::uint32_t{}));
    case DType::UInt64:
        return visit(load(std::uint64_t{}));
    case DType::Bool:
        break;
    }
    // A byte out of a file need not be 0 or 1, and reading it as bool would be undefined.
    return visit(load(std::uint8_t{}) != 0 ? std::uint8_t{1} : std::uint8_t{0});
}

std::string joined(std::string_view before, const Dims& shape, std::string_view after) {
    std::string text(before);
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (i > 0)
            text += ", ";
        text += std::to_string(shape[i]);
    }
    text += after;
    return text;
}

}  // namespace

std::int64_t checkedElementCount(const Dims& shape, std::size_t itemBytes) {
    for (const std::int64_t dim : shape)
        if (dim < 0)
            throw Error(ErrorCode::BadInput, "shape " + shapeText(shape) + " has the negative dimension "
                                                 + std::to_string(dim) + "; dimensions must be 0 or more");
    if (std::find(shape.begin(), shape.end(), 0) != shape.end())
        return 0;
    std::int64_t count = 1;
    const std::int64_t limit =
        std::numeric_limits<std::int64_t>::max() / std::max<std::int64_t>(1, static_cast<std::int64_t>(itemBytes));
    for (const std::int64_t dim : shape) {
        if (dim > limit / count)
            throw Error(ErrorCode::BadInput,
                        "shape " + shapeText(shape) + " with " + std::to_string(itemBytes)
                            + " bytes an element is too large; the size in bytes must fit 63 bits");
        count *= dim;
    }
    return count;
}

std::string shapeText(const Dims& shape) {
    return joined("(", shape, shape.size() == 1 ? ",)" : ")");
}

std::string torchSizeText(const Dims& shape) {
    return joined("torch.Size([", shape, "])");
}

void Tensor::Free::operator()(std::byte* p) const {
    ::operator delete[](p, std::align_val_t{alignment});
}

Tensor::Tensor(DType dtype, Dims shape) {
    reshapeFor(dtype, shape);
    if (byteSize() > 0)
        std::memset(m_bytes.get(), 0, byteSize());
}

Tensor::Tensor(const Tensor& other) {
    *this = other;
}

Tensor& Tensor::operator=(const Tensor& other) {
    if (this == &other)
        return *this;
    reshapeFor(other.m_dtype, other.m_shape);
    if (byteSize() > 0)
        std::memcpy(m_bytes.get(), other.m_bytes.get(), byteSize());
    return *this;
}

double Tensor::at(std::int64_t flatIndex) const {
    assert(flatIndex >= 0 && flatIndex < m_size);
    return visitElement(m_dtype, m_bytes.get(), flatIndex, [](auto value) { return static_cast<double>(value); });
}

void Tensor::set(std::int64_t flatIndex, double value) {
    assert(flatIndex >= 0 && flatIndex < m_size && isLayerDType(m_dtype));
    if (m_dtype == DType::Float32)
        values<float>()[static_cast<std::size_t>(flatIndex)] = static_cast<float>(value);
    else
        values<double>()[static_cast<std::size_t>(flatIndex)] = value;
}

void Tensor::reshapeFor(DType dtype, const Dims& shape) {
    const std::int64_t size = checkedElementCount(shape, itemSize(dtype));
    const std::size_t bytes = static_cast<std::size_t>(size) * itemSize(dtype);
    Dims copy = shape;
    if (bytes > m_capacity || (bytes > 0 && !m_bytes)) {
        m_bytes.reset(allocate(bytes));
        m_capacity = bytes;
    }
    m_dtype = dtype;
    m_shape = std::move(copy);
    m_size = size;
}

void Tensor::setShape(Dims shape) {
    if (checkedElementCount(shape, itemSize(m_dtype)) != m_size)
        throw Error(ErrorCode::BadInput, "shape " + shapeText(shape) + " does not hold the " + std::to_string(m_size)
                                             + " values of a tensor of shape " + shapeText(m_shape));
    m_shape = std::move(shape);
}

Tensor Tensor::convertedTo(DType layerDType) const {
    assert(isLayerDType(layerDType));
    if (layerDType == m_dtype)
        return *this;
    Tensor result(layerDType, m_shape);
    // Straight from the source type: 64-bit integers would round twice on a way through double.
    if (layerDType == DType::Float32) {
        const std::span<float> out = result.values<float>();
        for (std::int64_t i = 0; i < m_size; ++i)
            out[static_cast<std::size_t>(i)] =
                visitElement(m_dtype, bytes(), i, [](auto value) { return static_cast<float>(value); });
    } else {
        const std::span<double> out = result.values<double>();
        for (std::int64_t i = 0; i < m_size; ++i)
            out[static_cast<std::size_t>(i)] = at(i);
    }
    return result;
}

}  // namespace bnstudio
