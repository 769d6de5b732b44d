// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/dtype.h"

#include <array>
#include <bit>

namespace bnstudio {

namespace {

struct DTypeRow {
    DType dtype;
    std::size_t bytes;
    std::string_view name, scalarType;
};

// In the order of the enumeration, so that a dtype is its own index.
constexpr std::array<DTypeRow, 13> rows{{
    {DType::Float32, 4, "float32", "Float"},
    {DType::Float64, 8, "float64", "Double"},
    {DType::Float16, 2, "float16", "Half"},
    {DType::BFloat16, 2, "bfloat16", "BFloat16"},
    {DType::Int8, 1, "int8", "Char"},
    {DType::Int16, 2, "int16", "Short"},
    {DType::Int32, 4, "int32", "Int"},
    {DType::Int64, 8, "int64", "Long"},
    {DType::UInt8, 1, "uint8", "Byte"},
    {DType::UInt16, 2, "uint16", "UInt16"},
    {DType::UInt32, 4, "uint32", "UInt32"},
    {DType::UInt64, 8, "uint64", "UInt64"},
    {DType::Bool, 1, "bool", "Bool"},
}};

const DTypeRow& row(DType dtype) {
    return rows[static_cast<std::size_t>(dtype)];
}

}  // namespace

std::size_t itemSize(DType dtype) {
    return row(dtype).bytes;
}

std::string_view name(DType dtype) {
    return row(dtype).name;
}

std::string_view scalarTypeName(DType dtype) {
    return row(dtype).scalarType;
}

std::optional<DType> dtypeFromName(std::string_view name) {
    for (const DTypeRow& candidate : rows)
        if (candidate.name == name)
            return candidate.dtype;
    return std::nullopt;
}

float halfToFloat(std::uint16_t bits) {
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
    const std::uint32_t exponent = (bits >> 10) & 0x1fu;
    const std::uint32_t fraction = bits & 0x3ffu;
    if (exponent == 0) {  // zero or subnormal: fraction · 2⁻²⁴, exact in float
        const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
        return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
    }
    // Infinity and NaN keep an all-ones exponent; anything else moves from bias 15 to bias 127.
    const std::uint32_t wide = exponent == 0x1fu ? 0xffu : exponent + (127 - 15);
    return std::bit_cast<float>(sign | (wide << 23) | (fraction << 13));
}

float bfloat16ToFloat(std::uint16_t bits) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

}  // namespace bnstudio
