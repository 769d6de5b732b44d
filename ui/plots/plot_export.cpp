// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_export.h"

namespace bnstudio {

void paintVectors(QCustomPlot& plot, QCPPainter& painter, QSize size) {
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    plot.toPainter(&painter, size.width(), size.height());
}

Drawing drawingOf(QCustomPlot& plot) {
    Drawing drawing;
    drawing.image = [&plot](QSize size, QSize pixels) {
        const double scale = static_cast<double>(pixels.width()) / size.width();
        QImage image = plot.toPixmap(size.width(), size.height(), scale).toImage();
        image.setDevicePixelRatio(1);
        // Rounding may have left it a row longer or shorter than asked for.
        return image.size() == pixels ? image : image.copy(QRect(QPoint(0, 0), pixels));
    };
    drawing.vectors = [&plot](QPaintDevice& device, QSize size, double zoom) {
        QCPPainter painter;
        painter.begin(&device);
        painter.scale(zoom, zoom);
        paintVectors(plot, painter, size);
        painter.end();
    };
    return drawing;
}

FigureHeader::FigureHeader(QCustomPlot& plot, const QString& title, std::vector<LegendEntry> legend,
                           const Palette& palette, const QFont& font)
    : QCPLayoutElement(&plot),
      m_title(title),
      m_legend(std::move(legend)),
      m_palette(palette),
      m_titleFont(font),
      m_font(font) {
    m_titleFont.setWeight(QFont::DemiBold);
    setMinimumMargins(QMargins(0, 0, 0, 0));
}

bool FigureHeader::needsTwoLines() const {
    int legendWidth = 0;
    for (const LegendEntry& entry : m_legend)
        legendWidth += QFontMetrics(m_font).horizontalAdvance(entry.text) + 30;
    return QFontMetrics(m_titleFont).horizontalAdvance(m_title) + legendWidth + 16 > mParentPlot->viewport().width();
}

QSize FigureHeader::minimumOuterSizeHint() const {
    const int line = QFontMetrics(m_titleFont).height() + 2;
    return {40, needsTwoLines() ? 2 * line : line};
}

QSize FigureHeader::maximumOuterSizeHint() const {
    return {QWIDGETSIZE_MAX, minimumOuterSizeHint().height()};
}

void FigureHeader::draw(QCPPainter* painter) {
    const int line = QFontMetrics(m_titleFont).height() + 2;
    const QRect area = mRect.adjusted(6, 2, -6, 0);
    painter->setFont(m_titleFont);
    painter->setPen(m_palette.text);
    painter->drawText(QRect(area.left(), area.top(), area.width(), line), Qt::AlignLeft | Qt::AlignVCenter,
                      QFontMetrics(m_titleFont).elidedText(m_title, Qt::ElideRight, area.width()));
    paintLegend(*painter, QRect(area.left(), area.top() + (needsTwoLines() ? line : 0), area.width(), line), m_legend,
                m_font);
}

}  // namespace bnstudio
