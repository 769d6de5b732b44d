// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/input_file.h"
#include "core/io/tensor_file.h"

#include <array>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace bnstudio {

/// A dtype of the safetensors format.
struct SafetensorsType {
    std::string_view word;       ///< as the header spells it
    unsigned bits;               ///< of one element
    std::optional<DType> dtype;  ///< nothing: the format has it, but its values are not read
};

/// All dtypes of the format. There are several kinds of float8 and smaller, and what a file means by them depends on
/// scales that it keeps elsewhere, so they are reported and not guessed at.
inline constexpr std::array<SafetensorsType, 22> safetensorsTypes{{{"BOOL", 8, DType::Bool},
                                                                   {"U8", 8, DType::UInt8},
                                                                   {"I8", 8, DType::Int8},
                                                                   {"U16", 16, DType::UInt16},
                                                                   {"I16", 16, DType::Int16},
                                                                   {"F16", 16, DType::Float16},
                                                                   {"BF16", 16, DType::BFloat16},
                                                                   {"U32", 32, DType::UInt32},
                                                                   {"I32", 32, DType::Int32},
                                                                   {"F32", 32, DType::Float32},
                                                                   {"U64", 64, DType::UInt64},
                                                                   {"I64", 64, DType::Int64},
                                                                   {"F64", 64, DType::Float64},
                                                                   {"F8_E4M3", 8, {}},
                                                                   {"F8_E5M2", 8, {}},
                                                                   {"F8_E8M0", 8, {}},
                                                                   {"F8_E4M3FNUZ", 8, {}},
                                                                   {"F8_E5M2FNUZ", 8, {}},
                                                                   {"F6_E2M3", 6, {}},
                                                                   {"F6_E3M2", 6, {}},
                                                                   {"F4", 4, {}},
                                                                   {"C64", 64, {}}}};

/// One tensor as the header describes it; nothing is checked against the others or the file yet.
struct SafetensorsEntry {
    std::string name;
    const SafetensorsType* type = nullptr;
    Dims shape;  ///< no axis is negative
    std::uint64_t begin = 0, end = 0;
};

/// Bytes of the length that every file starts with, and the most it may say.
inline constexpr std::uint64_t safetensorsLengthBytes = 8;
inline constexpr std::uint64_t maxSafetensorsHeader = 100'000'000;

/// The length of the JSON text; the data begin behind it. Throws Error(BadInput) when it is more than the format allows
/// or the file has.
std::uint64_t readSafetensorsHeaderLength(const InputFile& file);

/// Parses the JSON text of @p length bytes. Memory is bounded by the size of the text and 64 MiB, whatever it says;
/// at most 100,000 tensors. Throws Error(BadInput) with the byte where the text is wrong, or Error(Cancelled).
std::vector<SafetensorsEntry> readSafetensorsHeader(const InputFile& file, std::uint64_t length,
                                                    const Progress& progress, std::stop_token stop);

}  // namespace bnstudio
