// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bnstudio {

/// Element types a tensor file may hold. The layer computes in Float32 and Float64 only.
enum class DType : std::uint8_t {
    Float32,
    Float64,
    Float16,
    BFloat16,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Bool
};

/// Bytes of one element.
std::size_t itemSize(DType dtype);
/// torch's name without the "torch." prefix: "float32", "int64", "bool".
std::string_view name(DType dtype);
/// The word PyTorch prints for it in error messages: "Float", "Double", "Long", "Half".
std::string_view scalarTypeName(DType dtype);
/// The inverse of name(); nothing for an unknown word.
std::optional<DType> dtypeFromName(std::string_view name);
/// Whether the layer can have this dtype.
constexpr bool isLayerDType(DType dtype) {
    return dtype == DType::Float32 || dtype == DType::Float64;
}

template <class T>
constexpr DType dtypeOf();
template <>
constexpr DType dtypeOf<float>() {
    return DType::Float32;
}
template <>
constexpr DType dtypeOf<double>() {
    return DType::Float64;
}
template <>
constexpr DType dtypeOf<std::int8_t>() {
    return DType::Int8;
}
template <>
constexpr DType dtypeOf<std::int16_t>() {
    return DType::Int16;
}
template <>
constexpr DType dtypeOf<std::int32_t>() {
    return DType::Int32;
}
template <>
constexpr DType dtypeOf<std::int64_t>() {
    return DType::Int64;
}
template <>
constexpr DType dtypeOf<std::uint8_t>() {
    return DType::UInt8;
}
template <>
constexpr DType dtypeOf<std::uint16_t>() {
    return DType::UInt16;
}
template <>
constexpr DType dtypeOf<std::uint32_t>() {
    return DType::UInt32;
}
template <>
constexpr DType dtypeOf<std::uint64_t>() {
    return DType::UInt64;
}
template <>
constexpr DType dtypeOf<bool>() {
    return DType::Bool;
}

/// Rounds to the nearest value of a layer dtype and back; identity for Float64.
inline double roundTo(DType dtype, double value) {
    return dtype == DType::Float32 ? static_cast<double>(static_cast<float>(value)) : value;
}

/// Half-precision bit patterns as a float, exactly.
float halfToFloat(std::uint16_t bits);
float bfloat16ToFloat(std::uint16_t bits);

}  // namespace bnstudio
