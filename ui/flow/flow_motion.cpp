// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_motion.h"

#include "ui/flow/flow_scale.h"
#include "ui/preferences.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

constexpr double side = 5.5, spacing = 9;
constexpr int leastSquares = 2, mostSquares = 7;

std::size_t squaresOn(const QPainterPath& path) {
    return static_cast<std::size_t>(std::clamp(static_cast<int>(path.length() / spacing), leastSquares, mostSquares));
}

/// Colours of @p count values of a row, evenly spaced over the channels.
std::vector<QColor> coloursOf(const FlowContent& content, std::size_t place, const Palette& palette, Cell selected,
                              std::size_t count) {
    const FlowMapContent& map = content.maps[place];
    if (!content.frame || !map.isShown() || !content.matrix.contains(selected))
        return std::vector<QColor>(count, palette.population);
    const SignedRamp ramp(palette, map.limit);
    std::vector<QColor> colors;
    for (std::size_t i = 0; i < count; ++i) {
        const auto channel = static_cast<std::int64_t>(i) * content.matrix.columns / static_cast<std::int64_t>(count);
        const double value = flowValue(*content.frame, map.map, {selected.n, channel, selected.l});
        colors.push_back(std::isnan(value) ? palette.mutedText : QColor::fromRgb(ramp.of(value)));
    }
    return colors;
}

}  // namespace

std::vector<FlowTravel> flowTravels(const FlowContent& content, const FlowGeometry& geometry, const Palette& palette,
                                    Cell selected) {
    std::vector<FlowTravel> travels;
    for (const FlowArrow& arrow : flowArrows(content, geometry)) {
        if (arrow.stage != FlowStage::Now)
            continue;
        const std::size_t count = squaresOn(arrow.path);
        const auto row = [&](std::size_t place) { return coloursOf(content, place, palette, selected, count); };
        const auto plain = [&](const QColor& color) { return std::vector<QColor>(count, color); };
        const bool back = content.arrows.isBackward;
        switch (arrow.wire) {
        case FlowWire::ToBatch:
            travels.push_back({arrow.path, row(0)});
            break;
        case FlowWire::FromBatch:
        case FlowWire::ToRunning:
            travels.push_back({arrow.path, plain(palette.batch)});
            break;
        case FlowWire::FromRunning:
            travels.push_back({arrow.path, plain(palette.running)});
            break;
        case FlowWire::ToAffine:
            travels.push_back({arrow.path, row(1)});
            break;
        case FlowWire::ToOutput:
            travels.push_back({arrow.path, back || content.hasParameters ? row(2) : row(1)});
            break;
        }
    }
    return travels;
}

void paintTravels(QPainter& painter, const std::vector<FlowTravel>& travels, const Palette& palette, double progress) {
    painter.setPen(QPen(palette.panel, 1));
    for (const FlowTravel& travel : travels) {
        const double length = travel.path.length();
        const double train = spacing * static_cast<double>(travel.colors.size() - 1);
        for (std::size_t i = 0; i < travel.colors.size(); ++i) {
            const double at = progress * (length + train) - spacing * static_cast<double>(i);
            if (at <= 0 || at >= length)
                continue;
            const QPointF middle = travel.path.pointAtPercent(travel.path.percentAtLength(at));
            painter.setBrush(travel.colors[i]);
            painter.drawRect(QRectF(middle - QPointF(side, side) / 2, QSizeF(side, side)));
        }
    }
}

FlowMotion::FlowMotion(QObject* parent) : QObject(parent), m_animation(this) {
    m_animation.setStartValue(0.0);
    m_animation.setEndValue(1.0);
    m_animation.setDuration(durationMs);
    m_animation.setEasingCurve(QEasingCurve::InOutQuad);
    connect(&m_animation, &QVariantAnimation::valueChanged, this, &FlowMotion::moved);
    connect(&m_animation, &QAbstractAnimation::stateChanged, this, [this] {
        if (!isRunning())
            m_travels.clear();
        emit moved();
    });
}

// An animation that runs says that it stops when it goes, to which nobody may listen any more.
FlowMotion::~FlowMotion() {
    m_animation.disconnect(this);
}

void FlowMotion::begin(std::vector<FlowTravel> travels) {
    const bool hurries = m_sinceLast.isValid() && m_sinceLast.elapsed() < durationMs;
    m_sinceLast.start();
    m_animation.stop();
    if (hurries || travels.empty() || motionIsReduced())
        return;
    m_travels = std::move(travels);
    m_animation.start();
    emit started();
}

void FlowMotion::paint(QPainter& painter, const Palette& palette) const {
    if (isRunning())
        paintTravels(painter, m_travels, palette, m_animation.currentValue().toDouble());
}

}  // namespace bnstudio
