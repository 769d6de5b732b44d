// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/calculation.h"

#include <QString>

#include <optional>
#include <vector>

namespace bnstudio {

/// What a number is about; the colours of the theme follow it.
enum class Meaning { Plain, Batch, Running, Affine };
Meaning meaningOf(Origin origin);

/// A run of text in one style.
struct CalculationPiece {
    QString text;
    Meaning meaning = Meaning::Plain;
    bool strong = false;
    bool isGap = false;        ///< a blank at which a line may be broken
    std::optional<Link> link;  ///< of a number that comes from somewhere
};

/// A line of the calculation as it is read, before it is broken to a width.
struct CalculationRow {
    enum class Kind {
        Formula,
        Note,   ///< a sentence about the formula above it
        Aside,  ///< a sentence about what the other mode would do
    };
    Kind kind = Kind::Formula;
    std::vector<CalculationPiece> pieces;
    Phase phase = Phase::Nothing;
    bool happened = true;  ///< else numbers that do not exist yet stand as symbols, and there is no result
    bool current = false;  ///< of the phase in which the view stands
    QString text() const;
};

/// The rows of a view that stands at the end of phase @p now. Details and notes appear in the present phase only.
std::vector<CalculationRow> calculationRows(const Calculation& calculation, const LaneSnapshot& step, Phase now,
                                            Digits digits);

/// The phase in which the line's result comes into being.
Phase phaseOfLine(const Line& line, const LaneSnapshot& step);

/// What a number is, in words: "running_mean[3] before this step".
QString placeText(const Link& link);

/// Whether there is a place to show or to go to.
bool leadsSomewhere(const Link& link);

}  // namespace bnstudio
