// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/command_list.h"

#include <algorithm>
#include <numeric>

namespace bnstudio {

namespace {

// Scores of the kinds of a fit. They lie so far apart that what a kind adds or takes off never reaches the next kind.
constexpr int wholeText = 1100, textStart = 1000, wordStart = 800, part = 600, lettersOnly = 300;
constexpr int sameKeys = 1050, inPlace = 200, inTip = 100;
constexpr int recentBonus = 90;  // less than the distance of two kinds

bool startsWord(const QString& text, qsizetype place) {
    return place == 0 || !text[place - 1].isLetterOrNumber();
}

std::vector<int> range(qsizetype from, qsizetype count) {
    std::vector<int> places(static_cast<std::size_t>(count));
    std::iota(places.begin(), places.end(), static_cast<int>(from));
    return places;
}

/// Letters in order, each as the beginning of a word where that leaves room for the others.
std::optional<FuzzyMatch> matchLetters(const QString& word, const QString& text) {
    FuzzyMatch match{lettersOnly, {}};
    qsizetype from = 0;
    for (qsizetype i = 0; i < word.size(); ++i) {
        qsizetype best = -1;
        for (qsizetype place = from; place < text.size() && best < 0; ++place) {
            const bool restFits = [&] {
                qsizetype at = place + 1;
                for (qsizetype j = i + 1; j < word.size(); ++j, ++at)
                    if ((at = text.indexOf(word[j], at)) < 0)
                        return false;
                return true;
            }();
            const bool goesOn = place == from && i > 0;
            if (text[place] == word[i] && restFits && (goesOn || startsWord(text, place)))
                best = place;
        }
        if (best < 0)
            best = text.indexOf(word[i], from);
        if (best < 0)
            return std::nullopt;
        match.score += startsWord(text, best) ? 20 : best == from ? 8 : -40;
        match.marks.push_back(static_cast<int>(best));
        from = best + 1;
    }
    // Letters strewn over a long text mean nothing.
    return match.score >= lettersOnly ? std::optional(match) : std::nullopt;
}

/// 99 … 0: the more of the text the word is, the better.
int share(const QString& word, const QString& text) {
    return static_cast<int>(std::min<qsizetype>(99, 99 * word.size() / std::max<qsizetype>(text.size(), 1)));
}

QStringList wordsOf(const QString& query) {
    return query.simplified().split(u' ', Qt::SkipEmptyParts);
}

/// A word of the query in whatever a command has to offer.
std::optional<FuzzyMatch> matchCommand(const QString& word, const Command& command) {
    const auto text = fuzzyMatch(word, command.text);
    if (text && text->score >= part)
        return text;
    if (!command.keys.isEmpty() && command.keys.compare(word, Qt::CaseInsensitive) == 0)
        return FuzzyMatch{sameKeys, {}};
    if (text)
        return text;
    if (const auto place = fuzzyMatch(word, command.place); place && place->score >= part)
        return FuzzyMatch{inPlace + (place->score >= wordStart ? 50 : 0), {}};
    if (const auto tip = fuzzyMatch(word, command.tip); tip && tip->score >= part && word.size() > 1)
        return FuzzyMatch{inTip + (tip->score >= wordStart ? 50 : 0), {}};
    return std::nullopt;
}

/// All words; a phrase that stands in the text as it was typed counts for more than its words.
std::optional<FuzzyMatch> matchQuery(const QStringList& words, const Command& command) {
    FuzzyMatch whole;
    for (const QString& word : words) {
        const auto match = matchCommand(word, command);
        if (!match)
            return std::nullopt;
        whole.score += match->score;
        whole.marks.insert(whole.marks.end(), match->marks.begin(), match->marks.end());
    }
    whole.score /= static_cast<int>(words.size());
    if (words.size() > 1)
        if (const auto phrase = fuzzyMatch(words.join(u' '), command.text); phrase && phrase->score >= part)
            whole = *phrase;
    std::sort(whole.marks.begin(), whole.marks.end());
    whole.marks.erase(std::unique(whole.marks.begin(), whole.marks.end()), whole.marks.end());
    return whole;
}

}  // namespace

std::optional<FuzzyMatch> fuzzyMatch(const QString& word, const QString& text) {
    const QString needle = word.toLower(), hay = text.toLower();
    if (needle.isEmpty() || hay.size() != text.size())  // folding that changes lengths would misplace the marks
        return std::nullopt;
    if (hay == needle)
        return FuzzyMatch{wholeText, range(0, needle.size())};
    if (hay.startsWith(needle))
        return FuzzyMatch{textStart + share(needle, hay), range(0, needle.size())};
    for (qsizetype place = hay.indexOf(needle); place >= 0; place = hay.indexOf(needle, place + 1))
        if (startsWord(hay, place))
            return FuzzyMatch{wordStart + share(needle, hay), range(place, needle.size())};
    if (const qsizetype place = hay.indexOf(needle); place >= 0)
        return FuzzyMatch{part + share(needle, hay), range(place, needle.size())};
    return needle.size() > 1 ? matchLetters(needle, hay) : std::nullopt;
}

std::vector<FoundCommand> findCommands(const QString& query, const std::vector<Command>& commands,
                                       const QStringList& recent) {
    struct Candidate {
        FoundCommand found;
        int score = 0;
    };
    const QStringList words = wordsOf(query);
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < commands.size(); ++i) {
        const auto match = words.isEmpty() ? std::optional(FuzzyMatch{}) : matchQuery(words, commands[i]);
        if (!match)
            continue;
        const qsizetype age = recent.indexOf(commands[i].id);
        const int bonus = age < 0 ? 0 : std::max(1, recentBonus - 4 * static_cast<int>(age));
        candidates.push_back({{i, match->marks}, match->score + bonus});
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
    std::vector<FoundCommand> found;
    for (Candidate& candidate : candidates)
        found.push_back(std::move(candidate.found));
    return found;
}

}  // namespace bnstudio
