// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/export/widget_drawing.h"

#include "ui/theme.h"

#include <QPaintEngine>
#include <QPainter>
#include <QWidget>

namespace bnstudio {

namespace {

/// Keeps to its own rectangle, clipped or not.
bool staysInside(const QWidget& widget) {
    return widget.inherits("QCustomPlot") || widget.inherits("bnstudio::FlowPanel");
}

QWidget::RenderFlags flagsFor(const QWidget& widget) {
    return staysInside(widget) ? QWidget::DrawChildren : QWidget::DrawWindowBackground | QWidget::DrawChildren;
}

/// What a widget stands on: the card's colour for what is in a card, else the window's.
QColor groundOf(const QWidget& widget) {
    return staysInside(widget) ? colors().panel : widget.palette().window().color();
}

QImage imageOf(QWidget& widget, QSize pixels) {
    const double scale = static_cast<double>(pixels.width()) / widget.width();
    QImage image(pixels, QImage::Format_RGB32);
    image.setDevicePixelRatio(scale);
    image.fill(groundOf(widget));
    // A finished picture of a plot is sharp at the size it was made for alone.
    const std::unique_ptr<VectorPainting> vectors(pixels == widget.size() ? nullptr : new VectorPainting);
    widget.render(&image, {}, {}, flagsFor(widget));
    image.setDevicePixelRatio(1);
    return image;
}

void paintWhole(QPainter& painter, QWidget& widget) {
    painter.fillRect(widget.rect(), groundOf(widget));
    widget.render(&painter, {}, {}, flagsFor(widget));
}

/// Without what is in it: labels that come and go with the mouse.
void paintPart(QPainter& painter, QWidget& part, QPoint place) {
    painter.fillRect(QRect(place, part.size()), groundOf(part));
    part.render(&painter, place, {}, {});
}

void paintParts(QPainter& painter, QWidget& widget) {
    if (staysInside(widget))
        return paintWhole(painter, widget);
    constexpr int finer = 2;
    painter.drawImage(widget.rect(), imageOf(widget, finer * widget.size()));
    for (QWidget* part : widget.findChildren<QWidget*>())
        if (staysInside(*part) && part->isVisible() && !part->visibleRegion().isEmpty())
            paintPart(painter, *part, part->mapTo(&widget, QPoint()));
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
            paintWhole(painter, widget);
    };
    return drawing;
}

}  // namespace bnstudio
