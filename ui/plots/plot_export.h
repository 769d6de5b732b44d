// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/legend.h"
#include "ui/theme.h"

#include <qcustomplot.h>

namespace bnstudio {

/// The line above a plot in a file: a title on the left, the legend on the right, on a second line when they do not
/// fit beside each other.
class FigureHeader : public QCPLayoutElement {
public:
    FigureHeader(QCustomPlot& plot, const QString& title, std::vector<LegendEntry> legend, const Palette& palette,
                 const QFont& font);
    QSize minimumOuterSizeHint() const override;
    QSize maximumOuterSizeHint() const override;

protected:
    void draw(QCPPainter* painter) override;

private:
    bool needsTwoLines() const;
    QString m_title;
    std::vector<LegendEntry> m_legend;
    Palette m_palette;
    QFont m_titleFont, m_font;
};

struct PlotFile {
    QString path;
    QSize size;           ///< layout size in logical pixels
    double pngScale = 2;  ///< picture pixels a logical pixel
    QSizeF sizeMm;        ///< of the page; empty: as many as the logical pixels are at the screen's resolution
    QString title;
    QString recipeJson;
};

/// Logical pixels per millimetre of the application's fonts.
double pixelsPerMm();

/// Draws the plot into a .png, .svg or .pdf written beside its target and renamed. Throws Error(Usage) for another
/// ending and Error(WriteFailed).
void exportPlot(QCustomPlot& plot, const PlotFile& file);

}  // namespace bnstudio
