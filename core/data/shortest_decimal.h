// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <charconv>
#include <string>

namespace bnstudio {

/// The shortest decimal that reads back as the same number, in any locale: "0.1", "1e+20", "nan", "-inf".
template <class Number>
std::string shortestDecimal(Number value) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

}  // namespace bnstudio
