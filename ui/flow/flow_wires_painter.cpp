// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_arrows.h"
#include "ui/flow/flow_painter.h"
#include "ui/flow/flow_words.h"

#include <QFontMetrics>
#include <QPainter>

#include <cmath>

namespace bnstudio {

namespace {

class WiresPainter {
public:
    explicit WiresPainter(const FlowCanvas& canvas)
        : m_canvas(canvas), m_painter(canvas.painter), m_palette(canvas.look.palette) {}

    void paint() {
        for (const FlowArrow& each : flowArrows(m_canvas.content, m_canvas.geometry))
            arrow(each.path, each.stage);
        if (m_canvas.content.hasRunning)
            paintUpdate();
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
        m_painter.setFont(m_canvas.look.small);
        m_painter.setPen(arrows.toRunning == FlowStage::Now ? m_palette.text : m_palette.mutedText);
        const QRect room = area.adjusted(16, 0, 0, 0);
        const bool fits = QFontMetrics(m_canvas.look.small).horizontalAdvance(arrows.update) <= room.width();
        paintElided(m_painter, room, Qt::AlignLeft | Qt::AlignVCenter, fits ? arrows.update : arrows.shortUpdate);
    }

    void paintSwitch() {
        for (int i = 0; i < 2; ++i) {
            const QRectF label = QRectF(m_canvas.geometry.switchLabel(i)).adjusted(0.5, 0.5, -0.5, -0.5);
            const bool isOn = (i == 0) == m_canvas.content.trains;
            m_painter.setBrush(isOn ? m_palette.accent : m_palette.panel);
            m_painter.setPen(QPen(isOn ? m_palette.accent : m_palette.border, 1));
            m_painter.drawRoundedRect(label, 5, 5);
            m_painter.setFont(m_canvas.look.small);
            m_painter.setPen(isOn ? m_palette.accentText : m_palette.mutedText);
            m_painter.drawText(label, Qt::AlignCenter, switchWord(i == 0));
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
