// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/heat_bins.h"
#include "ui/plots/plot_items.h"

#include <array>

namespace bnstudio {

/// Colours of a signed scale from −limit to +limit; values beyond take the end colours.
class SignedColours {
public:
    void set(const Palette& palette, double limit);
    QRgb of(float value) const;
    QRgb ofNothing() const { return m_nothing; }

private:
    static constexpr int half = 127;
    std::array<QRgb, 2 * half + 1> m_table{};
    QRgb m_nothing = 0;
    double m_limit = 1;
};

/// The bins as an image, a pixel a bin, stretched without smoothing over the cells it stands for.
class HeatImage : public ChartItem {
public:
    explicit HeatImage(Chart& chart);
    void setColours(const SignedColours& colours) { m_colours = colours; }
    void setForFile(bool on) { m_forFile = on; }
    void setBins(const HeatBins& bins);
    const SignedColours& colours() const { return m_colours; }

protected:
    void draw(QCPPainter* painter) override;

private:
    SignedColours m_colours;
    QImage m_image;
    double m_left = 0, m_right = 0, m_top = 0, m_bottom = 0;
    bool m_forFile = false;
};

/// The scale under a heat map: gradient, numbers, and what hatching and grey mean.
class ColourBar : public QCPLayoutElement {
public:
    ColourBar(QCustomPlot& plot, QCPAxisRect& above);
    void set(const Palette& palette, const QFont& font, const SignedColours& colours, double limit,
             const QString& words);
    QSize minimumOuterSizeHint() const override;
    QSize maximumOuterSizeHint() const override;

protected:
    void draw(QCPPainter* painter) override;

private:
    QCPAxisRect& m_above;
    Palette m_palette;
    QFont m_font;
    SignedColours m_colours;
    double m_limit = 1;
    QString m_words;
};

}  // namespace bnstudio
