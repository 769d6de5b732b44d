// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>

class QPalette;

namespace bnstudio {

/// Colours by meaning, the same in every view: batch orange, running statistics blue, affine and output green,
/// population grey; signed values violet to ochre; amber for warnings only. "Text" variants keep a contrast of 4.5:1.
struct Palette {
    bool dark = false;
    QColor window, panel, field, border, grid;
    QColor text, mutedText, faintText;
    QColor accent, accentText, accentSoft;  ///< slate: buttons, the played part, row selection
    QColor batch, batchText, batchPale;
    QColor running, runningText, runningPale;
    QColor affine, affineText, affinePale;
    QColor population, normalised;       ///< population grey; x̂ slate grey
    QColor negative, neutral, positive;  ///< signed heat maps
    QColor warning, warningText, warningSoft;
    QColor difference, differenceSoft;  ///< red: a recording that differs from what must come out
};

Palette lightPalette();
Palette darkPalette();
/// The same colours in the roles of Qt's own widgets.
QPalette qtPalette(const Palette& palette);

}  // namespace bnstudio
