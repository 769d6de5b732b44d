// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures and tables of PlotView.
#include "core/error.h"
#include "ui/plots/chart.h"
#include "ui/plots/plot_export.h"
#include "ui/plots/plot_view.h"

namespace bnstudio {

namespace {

std::string sizeText(QSize size) {
    return std::to_string(size.width()) + "x" + std::to_string(size.height());
}

/// A layout that has less room than it needs overlaps.
void requireRoom(QCustomPlot& plot, QSize size) {
    const QSize needed = plot.plotLayout()->minimumOuterSizeHint().expandedTo(QSize(180, 110));
    if (needed.width() > size.width() || needed.height() > size.height())
        throw Error(ErrorCode::Usage, "the plot needs at least " + sizeText(needed)
                                          + " pixels for its text and lines, got " + sizeText(size)
                                          + "; choose a larger picture or smaller text");
}

}  // namespace

void PlotView::layOutFor(const Palette& palette, QSize size, const std::function<void(QCustomPlot&)>& write) {
    m_filePalette = &palette;
    m_chart->setStyle(screenStyle());
    fill();
    m_plot->setBackground(QBrush(palette.panel));
    auto* header = new FigureHeader(*m_plot, title(), m_chart->legend(), palette, screenStyle().font);
    m_plot->plotLayout()->insertRow(0);
    m_plot->plotLayout()->addElement(0, 0, header);
    const QRect before = m_plot->viewport();
    const auto restore = [&] {
        m_plot->plotLayout()->remove(header);
        m_plot->plotLayout()->simplify();
        m_plot->setViewport(before);
        m_filePalette = nullptr;
        applyTheme();
        refresh();
    };
    try {
        // Lines are decimated to the pixels of the plot area, which margins and labels leave.
        m_plot->setViewport(QRect(QPoint(0, 0), size));
        for (int round = 0; round < 2; ++round) {
            m_chart->update();
            m_plot->plotLayout()->update(QCPLayoutElement::upPreparation);
            m_plot->plotLayout()->update(QCPLayoutElement::upMargins);
            m_plot->plotLayout()->update(QCPLayoutElement::upLayout);
        }
        m_chart->update();
        updated();
        requireRoom(*m_plot, size);
        write(*m_plot);
    } catch (...) {
        restore();
        throw;
    }
    restore();
}

DataTable PlotView::table() {
    fill();  // a hidden view may be behind
    return m_chart->table();
}

Drawing PlotView::drawing(const Palette& palette) {
    Drawing drawing;
    drawing.image = [this, palette](QSize size, QSize pixels) {
        QImage image;
        layOutFor(palette, size, [&](QCustomPlot& plot) { image = drawingOf(plot).image(size, pixels); });
        return image;
    };
    drawing.vectors = [this, palette](QPaintDevice& device, QSize size, double zoom) {
        layOutFor(palette, size, [&](QCustomPlot& plot) { drawingOf(plot).vectors(device, size, zoom); });
    };
    return drawing;
}

QSize PlotView::pictureSize() const {
    return {std::max(240, m_plot->width()), std::max(140, m_plot->height() + 20)};
}

void PlotView::savePlot(const QString& path) {
    PictureFile file = PictureFile::ofSize(path, pictureSize(), 2);
    file.title = title();
    file.origin = {m_session.recipe(), m_session.shown().step, m_session.head(), m_session.currentChannel()};
    writePicture(file, drawing(Theme::paletteOf(false)));
}

QImage PlotView::picture() {
    const QSize size = pictureSize();
    return drawing(colors()).image(size, 2 * size);
}

}  // namespace bnstudio
