// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace bnstudio {

/// Whether the bytes are well-formed UTF-8 (no surrogates, no overlong forms).
bool isUtf8(std::string_view bytes);
/// Every byte taken for the Latin-1 character of that number.
std::string latin1ToUtf8(std::string_view bytes);
/// The code points of UTF-8; each byte that belongs to none becomes U+FFFD.
std::u32string utf8ToUtf32(std::string_view bytes);
/// Appends a code point; one that is no character becomes U+FFFD.
void appendUtf8(std::string& text, char32_t codePoint);

}  // namespace bnstudio
