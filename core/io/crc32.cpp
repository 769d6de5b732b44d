// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/crc32.h"

#include <array>
#include <cstring>

namespace bnstudio {

namespace {

// tables[k][b] is the effect of byte b followed by k zero bytes, so that eight bytes can be looked up independently of
// each other instead of one after the other.
using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables makeTables() {
    Tables tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t value = byte;
        for (int bit = 0; bit < 8; ++bit)
            value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320u : value >> 1;
        tables[0][byte] = value;
    }
    for (std::size_t k = 1; k < 8; ++k)
        for (std::size_t byte = 0; byte < 256; ++byte)
            tables[k][byte] = (tables[k - 1][byte] >> 8) ^ tables[0][tables[k - 1][byte] & 0xff];
    return tables;
}

constexpr Tables tables = makeTables();

}  // namespace

std::uint32_t crc32(std::uint32_t previous, std::span<const std::byte> bytes) {
    std::uint32_t value = ~previous;
    const std::byte* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 8; left -= 8, at += 8) {
        std::uint64_t word;  // little-endian, like every machine the readers run on
        std::memcpy(&word, at, 8);
        word ^= value;
        value = 0;
        for (std::size_t i = 0; i < 8; ++i)
            value ^= tables[7 - i][(word >> (8 * i)) & 0xff];
    }
    for (; left > 0; --left, ++at)
        value = (value >> 8) ^ tables[0][(value ^ std::to_integer<std::uint32_t>(*at)) & 0xff];
    return ~value;
}

}  // namespace bnstudio
