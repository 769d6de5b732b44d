// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>

namespace bnstudio {

/// A colour of a screen, 0 … 1 each, as sRGB encodes it.
struct ScreenColor {
    double red = 0, green = 0, blue = 0;
};

/// Which cones are missing.
enum class Vision { Usual, Protanopia, Deuteranopia, Tritanopia };

/// What an eye of this kind sees.
ScreenColor seenBy(Vision vision, const ScreenColor& color);
/// Euclidean distance in CIELAB (ΔE*ab, CIE 15:2018) under D65. 2.3 is a just noticeable difference.
double distance(const ScreenColor& a, const ScreenColor& b);
/// WCAG 2.1, "contrast ratio": 1 … 21.
double contrast(const ScreenColor& a, const ScreenColor& b);

}  // namespace bnstudio
