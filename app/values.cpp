// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/values.h"

#include "core/error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace bnstudio {
namespace {

[[noreturn]] void unexpected(std::string_view option, const std::string& expected, std::string_view text) {
    throw Error(ErrorCode::Usage, std::string(option) + ": expected " + expected + ", got '" + std::string(text) + "'");
}

/// Reads all of @p text; from_chars leaves out the leading plus that people write.
template <class T>
bool readWhole(std::string_view text, T& value) {
    if (text.size() > 1 && text[0] == '+' && text[1] != '-')
        text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

double parseNumber(std::string_view option, std::string_view text) {
    double value = 0;
    if (!readWhole(text, value))
        unexpected(option, "a number", text);
    return value;
}

std::int64_t parseInteger(std::string_view option, std::string_view text, std::int64_t least, std::int64_t most) {
    std::int64_t value = 0;
    if (readWhole(text, value) && value >= least && value <= most)
        return value;
    const bool open = most == std::numeric_limits<std::int64_t>::max();
    unexpected(option,
               open ? "a whole number from " + std::to_string(least)
                    : "a whole number from " + std::to_string(least) + " to " + std::to_string(most),
               text);
}

std::uint64_t parseSeed(std::string_view option, std::string_view text) {
    std::uint64_t value = 0;
    if (!readWhole(text, value))
        unexpected(option, "a whole number from 0 to 18446744073709551615", text);
    return value;
}

bool parseSwitch(std::string_view option, std::string_view text) {
    if (text != "on" && text != "off")
        unexpected(option, "on or off", text);
    return text == "on";
}

std::vector<double> parseNumberList(std::string_view option, std::string_view text) {
    std::vector<double> values;
    for (const std::string& part : split(text, '/'))
        values.push_back(parseNumber(option, part));
    return values;
}

Spec parseSpec(std::string_view option, std::string_view text) {
    const std::size_t colon = text.find(':');
    Spec spec{std::string(text.substr(0, colon)), {}};
    if (colon == std::string_view::npos)
        return spec;
    for (const std::string& part : split(text.substr(colon + 1), ',')) {
        const std::size_t equals = part.find('=');
        if (equals == std::string::npos || equals == 0)
            unexpected(option, "KIND:key=value,…", text);
        std::pair<std::string, std::string> pair{part.substr(0, equals), part.substr(equals + 1)};
        for (const auto& earlier : spec.pairs) {
            if (earlier.first == pair.first)
                throw Error(ErrorCode::Usage, std::string(option) + ": key '" + pair.first + "' stands there twice");
        }
        spec.pairs.push_back(std::move(pair));
    }
    return spec;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    for (std::size_t end = text.find(separator); end != std::string_view::npos; end = text.find(separator, begin)) {
        parts.emplace_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    parts.emplace_back(text.substr(begin));
    return parts;
}

std::string roundTripDecimal(double value) {
    if (std::isnan(value))
        return "nan";  // to_chars would keep the sign of a NaN
    std::array<char, 32> buffer;
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), result.ptr};
}

std::string roundedDecimal(double value, int digits) {
    if (std::isnan(value))
        return "nan";
    std::array<char, 64> buffer;
    const auto result =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, digits);
    return {buffer.data(), result.ptr};
}

}  // namespace bnstudio
