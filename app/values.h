// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bnstudio {

// Values of options. Every function throws Error(Usage) "--option: expected …, got 'text'"; the locale never matters.

/// A decimal number, also "inf", "nan".
double parseNumber(std::string_view option, std::string_view text);
std::int64_t parseInteger(std::string_view option, std::string_view text, std::int64_t least, std::int64_t most);
std::uint64_t parseSeed(std::string_view option, std::string_view text);
/// "on" or "off".
bool parseSwitch(std::string_view option, std::string_view text);
/// "a/b/c": one number or one a channel.
std::vector<double> parseNumberList(std::string_view option, std::string_view text);

/// "KIND:key=value,key=value": the kind and its pairs in order. Keys appear at most once.
struct Spec {
    std::string kind;
    std::vector<std::pair<std::string, std::string>> pairs;
};
Spec parseSpec(std::string_view option, std::string_view text);

std::vector<std::string> split(std::string_view text, char separator);

/// The shortest decimal that reads back to the same double; "nan", "inf", "-inf".
std::string roundTripDecimal(double value);
/// @p digits significant digits, for reading.
std::string roundedDecimal(double value, int digits);

}  // namespace bnstudio
