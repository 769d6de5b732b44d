// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/palette.h"

#include <QFont>
#include <QObject>

#include <functional>

class QApplication;
class QWidget;

namespace bnstudio {

/// How large the text of the window is.
struct TextSize {
    static constexpr int leastPercent = 80, mostPercent = 200;
    int percent = 100;
    int leastPixels = 0;  ///< no text is smaller than this, whatever the percentage makes of it
    bool operator==(const TextSize&) const = default;
};

/// The theme of the process. Views read palette() and the fonts while painting and repaint on changed(); widgets that
/// keep a font get it by useFont().
class Theme : public QObject {
    Q_OBJECT
public:
    enum class Mode { System, Light, Dark };
    static Theme& instance();
    /// The light or the dark palette, whichever is in force; for files.
    static Palette paletteOf(bool dark);
    /// Sets style, palette, fonts and style sheet of the application. In Mode::System the theme goes on following the
    /// desktop.
    void apply(QApplication& application, Mode mode);
    /// The same with another size of the text; without an application the size waits for apply().
    void setTextSize(TextSize size);
    Mode mode() const { return m_mode; }
    TextSize textSize() const { return m_size; }
    const Palette& palette() const { return m_palette; }
    QFont textFont(int pixelDelta = 0) const;  ///< proportional, tabular figures
    QFont boldFont(int pixelDelta = 0) const;
    QFont numberFont(int pixelDelta = 0) const;  ///< fixed pitch
    /// A length in pixels that grows with the text.
    int scaled(double pixels) const;
    /// Tells the views that something else about how things look has changed, such as the format of numbers.
    void announce() { emit changed(); }
    /// Asks @p isDark instead of the desktop; for tests.
    void askInstead(std::function<bool()> isDark) { m_isDark = std::move(isDark); }
    bool eventFilter(QObject* watched, QEvent* event) override;

signals:
    void changed();

private:
    Theme() = default;
    bool systemIsDark();
    void followSystem();
    void paint();
    int pixelSize(int delta) const;
    double scale() const;

    Mode m_mode = Mode::System;
    TextSize m_size;
    Palette m_palette = lightPalette();
    bool m_isApplying = false, m_isQueued = false;
    std::function<bool()> m_isDark;
    QApplication* m_application = nullptr;
};

inline const Palette& colors() {
    return Theme::instance().palette();
}

enum class TextRole { Text, Bold, Number };
/// Gives @p widget a font of the theme, now and after every change of the theme.
void useFont(QWidget* widget, TextRole role, int pixelDelta = 0);
/// Calls @p fit now and after every change of the theme, for sizes that follow the text. Ends with @p widget.
void fitToText(QWidget* widget, const std::function<void()>& fit);

}  // namespace bnstudio
