// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_painter.h"

#include <QCoreApplication>
#include <QFontMetrics>
#include <QPainter>
#include <QPainterPath>

#include <cmath>

namespace bnstudio {

namespace {

class WiresPainter {
public:
    explicit WiresPainter(const FlowCanvas& canvas)
        : m_canvas(canvas), m_painter(canvas.painter), m_palette(canvas.look.palette) {}

    void paint() {
        const FlowArrows& arrows = m_canvas.content.arrows;
        const FlowGeometry& geometry = m_canvas.geometry;
        const auto& maps = geometry.maps();
        const int y = geometry.xhatPort().y();
        const int batchY = geometry.batchPort().y();
        straight(maps[0].cells.right(), geometry.statistics()[0].label.left(), batchY, arrows.toBatch);
        wire(geometry.batchPort(), arrows.fromBatch);
        if (m_canvas.content.hasRunning) {
            wire(geometry.runningPort(), arrows.fromRunning);
            paintUpdate();
        }
        const int parameters = geometry.parameters()[0].label.left();
        straight(maps[1].cells.right(), parameters, y, arrows.toAffine);
        const int barsEnd = geometry.parameters()[0].label.right();
        straight(m_canvas.content.hasParameters ? barsEnd : barsEnd, maps[2].rowLabels.left(), y, arrows.toOutput);
        paintSwitch();
    }

private:
    QPen penOf(FlowStage stage) const {
        switch (stage) {
        case FlowStage::Now:
            return {m_palette.text, 2.2};
        case FlowStage::Done:
            return {m_palette.population, 1.4};
        default:
            return {m_palette.border, 1.6, Qt::DashLine};
        }
    }

    void straight(int from, int to, int y, FlowStage stage) {
        const QPointF a(from + 5, y + 0.5), b(to - 4, y + 0.5);
        QPainterPath path(m_canvas.content.arrows.isBackward ? b : a);
        path.lineTo(m_canvas.content.arrows.isBackward ? a : b);
        arrow(path, stage);
    }

    /// From one pair of statistics to the input of x̂; the two wires end at either contact of the switch.
    void wire(QPoint port, FlowStage stage) {
        const QPointF a(port.x() + 2, port.y() + 0.5);
        const QPointF end = m_canvas.geometry.xhatPort();
        const bool isUsed = stage != FlowStage::Aside && stage != FlowStage::Never;
        // A wire that is not chosen stops short of the contact.
        const double short_ = isUsed ? 0 : 9;
        const double side = port.y() < end.y() ? -1 : 1;
        const QPointF b(end.x() - 3 - short_, end.y() + side * (isUsed ? 0 : 10));
        const double bend = (b.x() - a.x()) * 0.6;
        QPainterPath path(a);
        path.cubicTo(a + QPointF(bend, 0), b - QPointF(bend, 0), b);
        arrow(m_canvas.content.arrows.isBackward ? path.toReversed() : path, stage);
    }

    void arrow(const QPainterPath& path, FlowStage stage) {
        const QPen pen = penOf(stage);
        m_painter.setBrush(Qt::NoBrush);
        m_painter.setPen(pen);
        m_painter.drawPath(path);
        const QPointF tip = path.currentPosition();
        const double angle = -path.angleAtPercent(1) * M_PI / 180;
        const double size = stage == FlowStage::Now ? 8 : 6;
        QPolygonF head{tip};
        for (const double turn : {2.65, -2.65})
            head << tip + size * QPointF(std::cos(angle + turn), std::sin(angle + turn));
        m_painter.setPen(Qt::NoPen);
        m_painter.setBrush(pen.color());
        m_painter.drawPolygon(head);
    }

    void paintUpdate() {
        const FlowArrows& arrows = m_canvas.content.arrows;
        const QRect area = m_canvas.geometry.updateLabel();
        const bool happens = arrows.toRunning != FlowStage::Never;
        QPainterPath path(QPointF(area.left() + 6.5, area.top() - 1));
        path.lineTo(area.left() + 6.5, area.bottom() - 1);
        if (happens || !arrows.update.isEmpty())
            arrow(path, arrows.toRunning);
        m_painter.setFont(m_canvas.look.small);
        m_painter.setPen(arrows.toRunning == FlowStage::Now ? m_palette.text : m_palette.mutedText);
        const QRect room = area.adjusted(16, 0, 0, 0);
        const bool fits = QFontMetrics(m_canvas.look.small).horizontalAdvance(arrows.update) <= room.width();
        paintElided(m_painter, room, Qt::AlignLeft | Qt::AlignVCenter, fits ? arrows.update : arrows.shortUpdate);
    }

    void paintSwitch() {
        const QString words[] = {QCoreApplication::translate("Flow", "train"),
                                 QCoreApplication::translate("Flow", "eval")};
        for (int i = 0; i < 2; ++i) {
            const QRectF label = QRectF(m_canvas.geometry.switchLabel(i)).adjusted(0.5, 0.5, -0.5, -0.5);
            const bool isOn = (i == 0) == m_canvas.content.trains;
            m_painter.setBrush(isOn ? m_palette.accent : m_palette.panel);
            m_painter.setPen(QPen(isOn ? m_palette.accent : m_palette.border, 1));
            m_painter.drawRoundedRect(label, 5, 5);
            m_painter.setFont(m_canvas.look.small);
            m_painter.setPen(isOn ? m_palette.accentText : m_palette.mutedText);
            m_painter.drawText(label, Qt::AlignCenter, words[i]);
        }
    }

    const FlowCanvas& m_canvas;
    QPainter& m_painter;
    const Palette& m_palette;
};

}  // namespace

void paintWires(const FlowCanvas& canvas) {
    WiresPainter(canvas).paint();
}

}  // namespace bnstudio
