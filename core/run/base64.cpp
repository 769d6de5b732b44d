// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/base64.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string_view>

namespace bnstudio {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int digit(char c) {
    const std::size_t at = alphabet.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

std::vector<std::uint8_t> littleEndianBytes(std::span<const double> values) {
    std::vector<std::uint8_t> bytes;
    bytes.reserve(values.size() * 8);
    for (const double value : values) {
        const auto bits = std::bit_cast<std::uint64_t>(value);
        for (int shift = 0; shift < 64; shift += 8)
            bytes.push_back(static_cast<std::uint8_t>(bits >> shift));
    }
    return bytes;
}

/// The digit values of the text without its padding; nothing for a foreign character or a wrong length.
std::optional<std::vector<std::uint8_t>> bytesOf(std::string_view text) {
    if (text.size() % 4 != 0)
        return std::nullopt;
    for (int pad = 0; pad < 2 && !text.empty() && text.back() == '='; ++pad)
        text.remove_suffix(1);
    std::vector<std::uint8_t> bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t collected = 0;
    int bits = 0;
    for (const char c : text) {
        const int value = digit(c);
        if (value < 0)
            return std::nullopt;
        collected = (collected << 6) | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes.push_back(static_cast<std::uint8_t>(collected >> bits));
        }
    }
    return bytes;
}

}  // namespace

std::string base64OfDoubles(std::span<const double> values) {
    const std::vector<std::uint8_t> bytes = littleEndianBytes(values);
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j)
            group = (group << 8) | (j < count ? bytes[i + j] : 0U);
        for (std::size_t j = 0; j < 4; ++j)
            text += j <= count ? alphabet[(group >> (18 - 6 * j)) & 63U] : '=';
    }
    return text;
}

std::optional<std::vector<double>> doublesOfBase64(const std::string& text) {
    const auto bytes = bytesOf(text);
    if (!bytes || bytes->size() % 8 != 0)
        return std::nullopt;
    std::vector<double> values(bytes->size() / 8);
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::uint64_t bits = 0;
        for (std::size_t j = 0; j < 8; ++j)
            bits |= std::uint64_t{(*bytes)[i * 8 + j]} << (8 * j);
        values[i] = std::bit_cast<double>(bits);
    }
    return values;
}

}  // namespace bnstudio
