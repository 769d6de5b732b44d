// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_arrows.h"

namespace bnstudio {

namespace {

class ArrowBuilder {
public:
    ArrowBuilder(const FlowContent& content, const FlowGeometry& geometry) : m_content(content), m_geometry(geometry) {}

    std::vector<FlowArrow> build() {
        const FlowArrows& arrows = m_content.arrows;
        const auto& maps = m_geometry.maps();
        const int y = m_geometry.xhatPort().y();
        const QRect parameters = m_geometry.parameters()[0].label;
        addStraight(FlowWire::ToBatch, maps[0].cells.right(), m_geometry.statistics()[0].label.left(),
                    m_geometry.batchPort().y(), arrows.toBatch);
        addCurve(FlowWire::FromBatch, m_geometry.batchPort(), arrows.fromBatch);
        if (m_content.hasRunning) {
            addCurve(FlowWire::FromRunning, m_geometry.runningPort(), arrows.fromRunning);
            addUpdate();
        }
        addStraight(FlowWire::ToAffine, maps[1].cells.right(), parameters.left(), y, arrows.toAffine);
        addStraight(FlowWire::ToOutput, parameters.right(), maps[2].rowLabels.left(), y, arrows.toOutput);
        return std::move(m_arrows);
    }

private:
    void add(FlowWire wire, FlowStage stage, const QPainterPath& path) {
        m_arrows.push_back({wire, stage, m_content.arrows.isBackward ? path.toReversed() : path});
    }

    void addStraight(FlowWire wire, int from, int to, int y, FlowStage stage) {
        QPainterPath path(QPointF(from + 5, y + 0.5));
        path.lineTo(to - 4, y + 0.5);
        add(wire, stage, path);
    }

    /// From one pair of statistics to the input of x̂; the two wires end at either contact of the switch.
    void addCurve(FlowWire wire, QPoint port, FlowStage stage) {
        const QPointF from(port.x() + 2, port.y() + 0.5);
        const QPointF contact = m_geometry.xhatPort();
        const bool isUsed = stage != FlowStage::Aside && stage != FlowStage::Never;
        // A wire that is not chosen stops short of the contact.
        const double missing = isUsed ? 0 : 9;
        const double side = port.y() < contact.y() ? -1 : 1;
        const QPointF to(contact.x() - 3 - missing, contact.y() + side * (isUsed ? 0 : 10));
        const double bend = (to.x() - from.x()) * 0.6;
        QPainterPath path(from);
        path.cubicTo(from + QPointF(bend, 0), to - QPointF(bend, 0), to);
        add(wire, stage, path);
    }

    void addUpdate() {
        const FlowArrows& arrows = m_content.arrows;
        if (arrows.toRunning == FlowStage::Never && arrows.update.isEmpty())
            return;
        const QRect area = m_geometry.updateLabel();
        QPainterPath path(QPointF(area.left() + 6.5, area.top() - 1));
        path.lineTo(area.left() + 6.5, area.bottom() - 1);
        m_arrows.push_back({FlowWire::ToRunning, arrows.toRunning, path});
    }

    const FlowContent& m_content;
    const FlowGeometry& m_geometry;
    std::vector<FlowArrow> m_arrows;
};

}  // namespace

std::vector<FlowArrow> flowArrows(const FlowContent& content, const FlowGeometry& geometry) {
    return ArrowBuilder(content, geometry).build();
}

}  // namespace bnstudio
