// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/expression.h"
#include "core/explain/phases.h"

#include <string>
#include <vector>

namespace bnstudio {

struct Cell {
    std::int64_t n = 0, c = 0, l = 0;
    bool operator==(const Cell&) const = default;
};

/// result = formula, with the numbers of one cell and its channel.
struct Line {
    Number result;       ///< the core's number; its link is the place the line is about
    std::string symbol;  ///< "mean", "x̂", "running_var"
    /// Nothing where the step leaves no numbers to compute the result from (the last of several groups); then the note
    /// says why.
    std::optional<Expression> formula;
    std::vector<Token> tokens;  ///< the formula laid out
    Phase phase = Phase::Nothing;
    bool detail = false;  ///< a sum over many values or an intermediate result that a short view may leave out
    bool aside = false;   ///< what the other mode would have done with the cell; nothing in this step depends on it
    std::string note;     ///< one sentence, or empty
};

/// Everything that happened to one cell in one step, line by line in the order of the phases.
struct Calculation {
    Cell cell;
    std::string title;   ///< "x[5, 3]", or "channel 3" where there is no cell
    std::string notice;  ///< why there is less than usual (refused, skipped, empty, several groups), or empty
    std::vector<Line> lines;

    /// The line whose result is at @p link, or null.
    const Line* find(const Link& link) const;
};

/// Costs no more than a few cells: sums come from the snapshot. Throws Error(Usage) when the step has values and the
/// cell is not among them; an empty, skipped or refused step takes any cell.
Calculation calculate(const Frame& frame, Cell cell);

/// How many terms of a sum are written out when it has more than one of them too many.
inline constexpr std::int64_t shownTerms = 3;

/// The formula's value as a calculator with doubles finds it from the numbers displayed at Digits::Full, rounded to the
/// result's precision. @p line must have a formula.
double evaluate(const Line& line);
/// What it means that a line is right: the core's result is the rounding of some number within the bound of
/// Evaluation, which for float32 layers is nearly always the bits of evaluate(line). NaN agrees with NaN, an infinity
/// with itself. True for a line without a formula.
bool reproduces(const Line& line);

/// "mean = 177.06 / 32 = 5.5331"; a plain number is not repeated: "running_mean = 5.0922".
std::string lineText(const Line& line, Digits digits);

}  // namespace bnstudio
