// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/colour_ramp.h"
#include "ui/plots/heat_bins.h"
#include "ui/plots/plot_items.h"

namespace bnstudio {

/// Colours of a scale from −limit to +limit, or from 0 to limit; values beyond take the end colours.
class HeatColours {
public:
    void set(const Palette& palette, double limit, bool isSigned);
    QRgb of(float value) const;
    QRgb ofNothing() const { return m_nothing; }
    double limit() const { return m_ramp.limit(); }
    bool isSigned() const { return m_isSigned; }

private:
    SignedRamp m_ramp;
    QRgb m_nothing = 0;
    bool m_isSigned = true;
};

/// Which rows of the bins stand where: position → row, or the rows as they are when empty. Positions low … high − 1 are
/// drawn.
struct HeatRows {
    std::vector<std::int32_t> order;
    std::int64_t low = 0, high = 0;
    bool operator==(const HeatRows&) const = default;
};

/// The bins as an image, a pixel a bin, stretched without smoothing over the cells it stands for. Rows that are denser
/// than the pixels share one, which shows the value farthest from zero.
class HeatImage : public ChartItem {
public:
    explicit HeatImage(Chart& chart);
    void setColours(const HeatColours& colours);
    void setForFile(bool on) { m_forFile = on; }
    /// Columns before @p firstChanged are as they were at the last call with the same rows.
    void setBins(const HeatBins& bins, const HeatRows& rows, int mostRows, int firstChanged);
    const HeatColours& colours() const { return m_colours; }
    /// Whether a bin without a number was drawn.
    bool hasNothing() const { return m_hasNothing; }

protected:
    void draw(QCPPainter* painter) override;

private:
    void paintColumn(const HeatBins& bins, int column, std::int64_t perPixel);

    HeatColours m_colours;
    QImage m_image;
    HeatRows m_rows;
    double m_left = 0, m_right = 0, m_top = 0, m_bottom = 0;
    bool m_forFile = false, m_isStale = true, m_hasNothing = false;
};

/// The scale under a heat map: gradient, numbers, and what hatching and grey mean.
class ColourBar : public QCPLayoutElement {
public:
    ColourBar(QCustomPlot& plot, QCPAxisRect& above);
    /// @p words: what hatching means; @p nothing: what the colour without a number means. Both may be empty.
    void set(const Palette& palette, const QFont& font, const HeatColours& colours, const QString& words,
             const QString& nothing);
    /// Numbers and words, from left to right.
    QStringList texts() const;
    QSize minimumOuterSizeHint() const override;
    QSize maximumOuterSizeHint() const override;

protected:
    void draw(QCPPainter* painter) override;

private:
    QCPAxisRect& m_above;
    Palette m_palette;
    QFont m_font;
    HeatColours m_colours;
    QString m_words, m_nothing;
};

}  // namespace bnstudio
