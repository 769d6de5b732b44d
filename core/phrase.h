// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bnstudio {

struct Phrase;
/// What stands in a place of a phrase: a number or name as it is, or a phrase of its own.
using PhrasePart = std::variant<std::string, Phrase>;

/// A sentence, or a piece of one, with places %1 to %9 for its parts. The core speaks English; whoever speaks another
/// language looks up the template and puts the parts in.
struct Phrase {
    std::string pattern;  ///< "%1: eps is %2 % of the variance."
    std::vector<PhrasePart> parts;

    /// In English.
    std::string text() const;
    /// With other words for every pattern in it. @p translate gets a pattern and gives one with the same places.
    template <class Translate>
    std::string text(const Translate& translate) const;

private:
    static std::string filled(std::string_view pattern, const std::vector<std::string>& parts);
};

template <class Translate>
std::string Phrase::text(const Translate& translate) const {
    std::vector<std::string> texts;
    for (const PhrasePart& part : parts) {
        const auto* phrase = std::get_if<Phrase>(&part);
        texts.push_back(phrase ? phrase->text(translate) : std::get<std::string>(part));
    }
    return filled(translate(pattern), texts);
}

}  // namespace bnstudio
