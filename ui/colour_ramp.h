// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/palette.h"

#include <QColor>

#include <array>

namespace bnstudio {

/// A share @p amount of the way from one colour to another.
QColor blend(const QColor& from, const QColor& to, double amount);

/// Colours of a scale, with a colour of its own at zero. The colour beside zero may stand off from it: @p least is the
/// share of the end's colour that it has already.
struct RampEnds {
    QColor low, zero, high;
    double least = 0;
};

/// Colours from −limit to limit, symmetric about zero; values beyond take the end colours. Heat maps of all panels take
/// theirs from here.
class SignedRamp {
public:
    SignedRamp() = default;
    SignedRamp(const RampEnds& ends, double limit);
    /// In the colours of the palette for negative and positive numbers.
    SignedRamp(const Palette& palette, double limit);
    /// @p value is a number.
    QRgb of(double value) const;
    double limit() const { return m_limit; }
    /// The smallest value whose colour is another one than that of zero.
    double least() const { return m_limit / half; }

private:
    static constexpr int half = 127;
    std::array<QRgb, 2 * half + 1> m_table{};
    double m_limit = 1;
};

}  // namespace bnstudio
