// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/text_encoding.h"

#include <cstddef>

namespace bnstudio {

namespace {

bool isCharacter(char32_t codePoint) {
    return codePoint <= 0x10ffff && (codePoint < 0xd800 || codePoint > 0xdfff);
}

/// Bytes that follow a leading byte; -1 when it cannot lead.
int trailingBytes(unsigned char lead) {
    if (lead < 0x80)
        return 0;
    if (lead >= 0xc2 && lead < 0xe0)
        return 1;
    if (lead >= 0xe0 && lead < 0xf0)
        return 2;
    return lead >= 0xf0 && lead < 0xf5 ? 3 : -1;
}

constexpr char32_t malformed = 0xffffffff;

/// Takes the first character off the bytes, or only the first byte when it does not begin a well-formed one.
char32_t takeCharacter(std::string_view& bytes) {
    const auto lead = static_cast<unsigned char>(bytes[0]);
    const int trailing = trailingBytes(lead);
    if (trailing < 0 || bytes.size() <= static_cast<std::size_t>(trailing)) {
        bytes.remove_prefix(1);
        return malformed;
    }
    char32_t codePoint = lead & (trailing == 0 ? 0x7fu : 0x3fu >> trailing);
    bool isWellFormed = true;
    for (int i = 1; i <= trailing; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
        isWellFormed = isWellFormed && (byte & 0xc0) == 0x80;
        codePoint = codePoint << 6 | (byte & 0x3fu);
    }
    const bool isOverlong = (trailing == 2 && codePoint < 0x800) || (trailing == 3 && codePoint < 0x10000);
    isWellFormed = isWellFormed && !isOverlong && isCharacter(codePoint);
    bytes.remove_prefix(isWellFormed ? static_cast<std::size_t>(trailing) + 1 : 1);
    return isWellFormed ? codePoint : malformed;
}

}  // namespace

bool isUtf8(std::string_view bytes) {
    while (!bytes.empty())
        if (takeCharacter(bytes) == malformed)
            return false;
    return true;
}

std::u32string utf8ToUtf32(std::string_view bytes) {
    std::u32string text;
    while (!bytes.empty()) {
        const char32_t codePoint = takeCharacter(bytes);
        text += codePoint == malformed ? U'\xfffd' : codePoint;
    }
    return text;
}

std::string latin1ToUtf8(std::string_view bytes) {
    std::string text;
    for (const char byte : bytes)
        appendUtf8(text, static_cast<unsigned char>(byte));
    return text;
}

void appendUtf8(std::string& text, char32_t codePoint) {
    if (!isCharacter(codePoint))
        codePoint = 0xfffd;
    if (codePoint < 0x80) {
        text += static_cast<char>(codePoint);
        return;
    }
    const int trailing = codePoint < 0x800 ? 1 : codePoint < 0x10000 ? 2 : 3;
    text += static_cast<char>((0xf0u << (3 - trailing) & 0xffu) | codePoint >> (6 * trailing));
    for (int i = trailing; i-- > 0;)
        text += static_cast<char>(0x80u | (codePoint >> (6 * i) & 0x3fu));
}

}  // namespace bnstudio
