// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/export/widget_drawing.h"

#include <QPaintEngine>
#include <QPainter>
#include <QWidget>

namespace bnstudio {

namespace {

/// Keeps to its own rectangle, clipped or not.
bool staysInside(const QWidget& widget) {
    return widget.inherits("QCustomPlot") || widget.inherits("bnstudio::FlowPanel");
}

QImage imageOf(QWidget& widget, QSize pixels) {
    const double scale = static_cast<double>(pixels.width()) / widget.width();
    QImage image(pixels, QImage::Format_RGB32);
    image.setDevicePixelRatio(scale);
    image.fill(widget.palette().window().color());
    // A finished picture of a plot is sharp at the size it was made for alone.
    const std::unique_ptr<VectorPainting> vectors(pixels == widget.size() ? nullptr : new VectorPainting);
    widget.render(&image);
    image.setDevicePixelRatio(1);
    return image;
}

void paintParts(QPainter& painter, QWidget& widget) {
    if (staysInside(widget))
        return widget.render(&painter);
    constexpr int finer = 2;
    painter.drawImage(widget.rect(), imageOf(widget, finer * widget.size()));
    for (QWidget* part : widget.findChildren<QWidget*>())
        if (staysInside(*part) && part->isVisible() && !part->visibleRegion().isEmpty())
            part->render(&painter, part->mapTo(&widget, QPoint()), {}, QWidget::DrawWindowBackground);
}

}  // namespace

Drawing drawingOf(QWidget& widget) {
    Drawing drawing;
    drawing.image = [&widget](QSize, QSize pixels) { return imageOf(widget, pixels); };
    drawing.vectors = [&widget](QPaintDevice& device, QSize, double zoom) {
        const VectorPainting vectors;
        QPainter painter(&device);
        painter.scale(zoom, zoom);
        if (painter.paintEngine()->type() == QPaintEngine::SVG)
            paintParts(painter, widget);
        else
            widget.render(&painter);
    };
    return drawing;
}

}  // namespace bnstudio
