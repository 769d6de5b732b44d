// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include <functional>
#include <optional>
#include <vector>

namespace bnstudio {

/// Something one can ask for by its name.
struct Command {
    QString id;     ///< the same from start to start: the list of recently used ones holds it
    QString text;   ///< "Step forward"
    QString place;  ///< where the menus have it: "Run", "File › Open a sample"
    QString keys;   ///< "Ctrl+J"; empty for none
    QString tip;    ///< one sentence
    bool enabled = true;
    QString whyDisabled;
    QString completion;  ///< when not empty, choosing it goes on typing with this text instead of running
    std::function<void()> run;
};

/// How well a word fits a text; higher is better. Marks are the places of the letters that fit, ascending.
struct FuzzyMatch {
    int score = 0;
    std::vector<int> marks;
};

/// A word fits a text as its beginning, as the beginning of one of its words, as a part, or by letters that follow each
/// other in it ("sfw" in "Step forward"), in this order. Letter case is of no account. Nothing when it does not fit.
std::optional<FuzzyMatch> fuzzyMatch(const QString& word, const QString& text);

struct FoundCommand {
    std::size_t index = 0;   ///< into the commands
    std::vector<int> marks;  ///< places in the command's text to emphasise
};

/// The commands that fit every word of @p query in text, menu path, keys or tip, best first; a fit in the text comes
/// before one elsewhere. Among equals the more recently used one (@p recent: ids, the last used first), then the order
/// of @p commands. Without a query: the recent ones, then all others.
std::vector<FoundCommand> findCommands(const QString& query, const std::vector<Command>& commands,
                                       const QStringList& recent);

}  // namespace bnstudio
