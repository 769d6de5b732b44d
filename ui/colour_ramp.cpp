// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/colour_ramp.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {

QColor blend(const QColor& from, const QColor& to, double amount) {
    const auto mix = [amount](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * amount)); };
    return QColor(mix(from.red(), to.red()), mix(from.green(), to.green()), mix(from.blue(), to.blue()));
}

SignedRamp::SignedRamp(const RampEnds& ends, double limit) : m_limit(limit) {
    for (int i = -half; i <= half; ++i) {
        const double amount = std::abs(i) / double(half);
        const double share = i == 0 ? 0 : ends.least + (1 - ends.least) * amount;
        m_table[static_cast<std::size_t>(i + half)] = blend(ends.zero, i < 0 ? ends.low : ends.high, share).rgb();
    }
}

SignedRamp::SignedRamp(const Palette& palette, double limit)
    : SignedRamp({palette.negative, palette.neutral, palette.positive}, limit) {}

QRgb SignedRamp::of(double value) const {
    const double scaled = std::clamp(value / m_limit, -1.0, 1.0);
    return m_table[static_cast<std::size_t>(scaled * half + half + 0.5)];
}

}  // namespace bnstudio
