// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>

namespace bnstudio {

/// Reads the longest number at the start of a text, whatever the locale: decimal digits with an optional sign, fraction
/// and exponent, or nan and inf in any case. Returns the end of the number, or nullptr when there is none. A number too
/// large for a double becomes infinite, one too small becomes zero.
const char* readNumber(const char* begin, const char* end, char decimalMark, double& value);
/// The number that the whole text is.
std::optional<double> wholeNumber(std::string_view text, char decimalMark);
/// Whether a cell says that there is no value: empty, NA, N/A, null, none, ?, - and spreadsheets' error marks.
bool isMissingWord(std::string_view text);
/// The text without blanks at its ends.
std::string_view trimmed(std::string_view text);

}  // namespace bnstudio
