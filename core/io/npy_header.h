// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/input_file.h"
#include "core/tensor/tensor.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bnstudio {

/// What the header of a .npy file says (NumPy enhancement proposal 1).
struct NpyHeader {
    std::optional<DType> dtype;      ///< nothing when the elements are of a kind that is not read
    std::string unsupported;         ///< then: what they are, such as "holds complex numbers (<c8), which are not read"
    std::size_t textCharacters = 0;  ///< characters of one element when the array holds text ('U'), else 0
    bool bigEndian = false;
    bool fortranOrder = false;
    Dims shape;
    std::uint64_t dataOffset = 0;  ///< bytes before the first element
};

/// "\x93NUMPY", the first bytes of every .npy file.
inline constexpr std::string_view npyMagic{"\x93NUMPY", 6};

/// Reads and checks the header, but not that the data has the size it promises. Allocates at most the 10,000 bytes that
/// NumPy itself allows. Throws Error(BadInput) "WHERE: …" with the byte offset of the fault.
NpyHeader readNpyHeader(const ByteSource& source, const std::string& where);

}  // namespace bnstudio
