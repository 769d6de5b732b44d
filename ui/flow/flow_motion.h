// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/flow/flow_arrows.h"
#include "ui/theme.h"

#include <QElapsedTimer>
#include <QVariantAnimation>

class QPainter;

namespace bnstudio {

/// Values on their way along an arrow, as small squares in their colours.
struct FlowTravel {
    QPainterPath path;
    std::vector<QColor> colors;  ///< the first one goes ahead
};

/// What travels along the arrows of the displayed phase: values of the channel of @p selected, or statistics.
std::vector<FlowTravel> flowTravels(const FlowContent& content, const FlowGeometry& geometry, const Palette& palette,
                                    Cell selected);
/// The squares at @p progress from 0 to 1; at either end there are none.
void paintTravels(QPainter& painter, const std::vector<FlowTravel>& travels, const Palette& palette, double progress);

/// Shows for a moment what goes where when the phase changes. The new phase is on the screen from the start; the motion
/// lies above it and leaves nothing behind. Who goes on before it ends sees the next phase without motion, and where
/// motion is reduced there is none.
class FlowMotion : public QObject {
    Q_OBJECT
public:
    static constexpr int durationMs = 190;

    explicit FlowMotion(QObject* parent);
    ~FlowMotion() override;
    /// Another phase came to the screen.
    void begin(std::vector<FlowTravel> travels);
    void stop() { m_animation.stop(); }
    bool isRunning() const { return m_animation.state() == QAbstractAnimation::Running; }
    /// Nothing while nothing moves.
    void paint(QPainter& painter, const Palette& palette) const;

signals:
    void started();
    void moved();

private:
    QVariantAnimation m_animation;
    QElapsedTimer m_sinceLast;
    std::vector<FlowTravel> m_travels;
};

}  // namespace bnstudio
