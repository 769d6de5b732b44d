// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/python_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace bnstudio {

std::string pythonFloat(double value) {
    if (std::isnan(value))
        return "nan";
    if (std::isinf(value))
        return value > 0 ? "inf" : "-inf";
    // Both languages print the shortest digits that read back as the same double; Python switches to an exponent
    // below 1e-4 and from 1e16 on, to_chars wherever that is shorter. Hence the format is chosen here.
    const double magnitude = std::fabs(value);
    const bool fixed = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
    std::array<char, 64> buffer{};
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                            fixed ? std::chars_format::fixed : std::chars_format::scientific);
    std::string text(buffer.data(), end);
    if (fixed && text.find('.') == std::string::npos)
        text.append(".0");
    return text;
}

std::string pythonFloat(const std::optional<double>& value) {
    return value ? pythonFloat(*value) : "None";
}

std::string pythonBool(bool value) {
    return value ? "True" : "False";
}

}  // namespace bnstudio
