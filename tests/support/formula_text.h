// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace bnstudio::test {

/// What a person with a calculator makes of a displayed formula such as "(9.5 - 5) · 2 / √(4 + 1e-05)": a reader that
/// shares nothing with the program's own trees. Works in double, · and / before + and -, from left to right; remarks
/// ("… 29 more: ") are skipped. Throws std::invalid_argument with the rest of the text that it cannot read.
double calculateText(std::string_view text);

}  // namespace bnstudio::test
