// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/phrase.h"

namespace bnstudio {

std::string Phrase::text() const {
    return text([](const std::string& same) { return same; });
}

/// A percent sign that no place follows, or a place that has no part, stands for itself.
std::string Phrase::filled(std::string_view pattern, const std::vector<std::string>& parts) {
    std::string text;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const std::size_t place =
            i + 1 < pattern.size() ? static_cast<std::size_t>(pattern[i + 1] - '1') : parts.size();
        if (pattern[i] == '%' && place < parts.size()) {
            text += parts[place];
            ++i;
        } else {
            text += pattern[i];
        }
    }
    return text;
}

}  // namespace bnstudio
