// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/icons.h"

#include <QPainter>
#include <QPixmap>

namespace bnstudio {

namespace {

// Coordinates on a 16 × 16 grid.
void drawTriangle(QPainter& painter, double left, double tip) {
    const QPointF points[] = {{left, 3}, {left, 13}, {tip, 8}};
    painter.drawPolygon(points, 3);
}

void draw(QPainter& painter, TransportIcon icon) {
    switch (icon) {
    case TransportIcon::First:
        painter.drawRect(QRectF(3, 3, 2, 10));
        drawTriangle(painter, 13, 6);
        break;
    case TransportIcon::Back:
        drawTriangle(painter, 12, 4);
        break;
    case TransportIcon::Play:
        drawTriangle(painter, 4, 13);
        break;
    case TransportIcon::Pause:
        painter.drawRect(QRectF(4, 3, 3, 10));
        painter.drawRect(QRectF(9, 3, 3, 10));
        break;
    case TransportIcon::Forward:
        drawTriangle(painter, 4, 12);
        break;
    case TransportIcon::Phase: {  // a smaller step
        const QPointF points[] = {{5, 5}, {5, 11}, {10, 8}};
        painter.drawPolygon(points, 3);
        break;
    }
    case TransportIcon::Last:
        drawTriangle(painter, 3, 10);
        painter.drawRect(QRectF(11, 3, 2, 10));
        break;
    }
}

}  // namespace

QIcon transportIcon(TransportIcon icon, const QColor& color) {
    constexpr int scale = 2;  // crisp on displays with twice the density
    QPixmap pixmap(16 * scale, 16 * scale);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(scale, scale);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    draw(painter, icon);
    painter.end();
    pixmap.setDevicePixelRatio(scale);
    return QIcon(pixmap);
}

}  // namespace bnstudio
