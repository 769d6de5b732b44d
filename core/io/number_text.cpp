// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/number_text.h"

#include <fast_float/fast_float.h>

#include <algorithm>
#include <array>
#include <system_error>

namespace bnstudio {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

const char* readNumber(const char* begin, const char* end, char decimalMark, double& value) {
    const char* start = begin;
    if (end - start > 1 && *start == '+' && start[1] != '-')
        ++start;  // fast_float takes a minus only, as std::from_chars does
    const fast_float::parse_options options(fast_float::chars_format::general, decimalMark);
    const auto [stop, error] = fast_float::from_chars_advanced(start, end, value, options);
    return error == std::errc() || error == std::errc::result_out_of_range ? stop : nullptr;
}

std::optional<double> wholeNumber(std::string_view text, char decimalMark) {
    double value = 0;
    const char* const end = text.data() + text.size();
    return !text.empty() && readNumber(text.data(), end, decimalMark, value) == end ? std::optional(value)
                                                                                    : std::nullopt;
}

bool isMissingWord(std::string_view text) {
    static constexpr std::array<std::string_view, 13> words{"",     "na", "n/a", "#n/a", "null",    "none",   "nan",
                                                            "<na>", "?",  "-",   "--",   "#value!", "#div/0!"};
    return std::any_of(words.begin(), words.end(), [text](std::string_view word) {
        return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                          [](char a, char b) { return lower(a) == b; });
    });
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(blanks);
    return begin == std::string_view::npos ? std::string_view()
                                           : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

}  // namespace bnstudio
