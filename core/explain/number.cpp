// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/number.h"

#include "core/data/shortest_decimal.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

namespace bnstudio {

namespace {

constexpr int shortDigits = 5;

/// Without the zeros that end a fraction, and with "e-5" instead of C's "e-05".
std::string tidy(const std::string& text) {
    const std::size_t e = std::min(text.find('e'), text.size());
    std::string mantissa = text.substr(0, e);
    if (mantissa.find('.') != std::string::npos) {
        mantissa.erase(mantissa.find_last_not_of('0') + 1);
        if (mantissa.back() == '.')
            mantissa.pop_back();
    }
    return e == text.size() ? mantissa : mantissa + 'e' + std::to_string(std::stoi(text.substr(e + 1)));
}

std::string formatted(double value, std::chars_format format, int precision) {
    char text[64];
    return {text, std::to_chars(text, text + sizeof text, value, format, precision).ptr};
}

std::string shortText(double value) {
    const double magnitude = std::fabs(value);
    if (magnitude < 1e6 && value == std::trunc(value))
        return formatted(value, std::chars_format::fixed, 0);
    if (magnitude < 1e-3 || magnitude >= 1e6)
        return tidy(formatted(value, std::chars_format::scientific, shortDigits - 1));
    const int wholeDigits = static_cast<int>(std::floor(std::log10(magnitude))) + 1;
    return tidy(formatted(value, std::chars_format::fixed, std::max(0, shortDigits - wholeDigits)));
}

template <class Bits>
std::string hexadecimal(Bits bits) {
    char text[2 * sizeof bits];
    const std::string digits(text, std::to_chars(text, text + sizeof text, bits, 16).ptr);
    return "0x" + std::string(2 * sizeof bits - digits.size(), '0') + digits;
}

std::string bitsText(const Number& number) {
    if (number.precision == Precision::Float32)
        return hexadecimal(std::bit_cast<std::uint32_t>(static_cast<float>(number.value)));
    return hexadecimal(std::bit_cast<std::uint64_t>(number.value));
}

}  // namespace

Precision precisionOf(DType layerDType) {
    return layerDType == DType::Float32 ? Precision::Float32 : Precision::Float64;
}

double roundTo(Precision precision, double value) {
    return precision == Precision::Float32 ? roundTo(DType::Float32, value) : value;
}

std::string numberText(const Number& number, Digits digits) {
    const bool counts = number.precision == Precision::Integer || number.link.origin == Origin::Literal;
    if (digits == Digits::Bits && !counts)
        return bitsText(number);
    if (std::isnan(number.value))
        return "nan";  // to_chars would show the sign of a NaN, which means nothing
    if (std::isinf(number.value) || digits != Digits::Short)
        return shortestDecimal(number.value);
    return shortText(number.value);
}

}  // namespace bnstudio
