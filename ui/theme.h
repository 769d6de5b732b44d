// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QObject>

class QApplication;

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

/// The theme of the process. Views read palette() while painting and repaint on changed().
class Theme : public QObject {
    Q_OBJECT
public:
    enum class Mode { System, Light, Dark };
    static Theme& instance();
    /// The light or the dark palette, whichever is in force; for files.
    static Palette paletteOf(bool dark);
    /// Sets style, palette, fonts and style sheet of the application.
    void apply(QApplication& application, Mode mode);
    Mode mode() const { return m_mode; }
    const Palette& palette() const { return m_palette; }
    QFont textFont(int pointSizeDelta = 0) const;  ///< proportional, tabular figures
    QFont boldFont(int pointSizeDelta = 0) const;
    QFont numberFont(int pointSizeDelta = 0) const;  ///< fixed pitch

signals:
    void changed();

private:
    Theme() = default;
    Mode m_mode = Mode::System;
    Palette m_palette;
};

inline const Palette& colors() {
    return Theme::instance().palette();
}

}  // namespace bnstudio
