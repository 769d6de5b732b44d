// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/export/picture_file.h"
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

/// How a plot that is laid out for a picture gets into a file.
Drawing drawingOf(QCustomPlot& plot);

/// Paints the plot with lines and text, whatever the painter's device, into its size at the origin.
void paintVectors(QCustomPlot& plot, QCPPainter& painter, QSize size);

}  // namespace bnstudio
