// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_motion.h"

#include "ui/flow/flow_scale.h"
#include "ui/preferences.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

constexpr double side = 7, spacing = 12;
constexpr int leastSquares = 2, mostSquares = 7;

std::size_t squaresOn(const QPainterPath& path) {
    return static_cast<std::size_t>(std::clamp(static_cast<int>(path.length() / spacing), leastSquares, mostSquares));
}

/// Colours of @p count values of the selected channel, evenly spaced over the samples.
std::vector<QColor> coloursOf(const FlowContent& content, std::size_t place, const Palette& palette, Cell selected,
                              std::size_t count) {
    const FlowMapContent& map = content.maps[place];
    if (!content.frame || !map.isShown() || !content.matrix.contains(selected))
        return std::vector<QColor>(count, palette.population);
    const SignedRamp ramp(palette, map.limit);
    std::vector<QColor> colors;
    for (std::size_t i = 0; i < count; ++i) {
        const auto sample = static_cast<std::int64_t>(i) * content.matrix.samples / static_cast<std::int64_t>(count);
        const double value = flowValue(*content.frame, map.map, {sample, selected.c, selected.l});
        colors.push_back(std::isnan(value) ? nanColor(palette) : QColor::fromRgb(ramp.of(value)));
    }
    return colors;
}

/// The places between which values go along an arrow: the selected cell or the bar of its channel. Nothing where that is
/// out of sight or has more than one place.
struct Ends {
    QRect from, to;
};

Ends endsOf(FlowWire wire, const FlowContent& content, const FlowGeometry& geometry, Cell selected) {
    const auto cell = [&](int map) { return geometry.valueRect(map, selected); };
    const auto bar = [&](const FlowGeometry::Bars& bars) { return geometry.columnRect(bars.plot, selected.c); };
    const std::size_t moment = content.phase == Phase::Mean ? BatchMean : BatchStd;
    switch (wire) {
    case FlowWire::ToBatch:
        return {cell(0), bar(geometry.statistics()[moment])};
    case FlowWire::FromBatch:
    case FlowWire::FromRunning:
        return {{}, cell(1)};
    case FlowWire::ToRunning:
        return {bar(geometry.statistics()[BatchStd]), bar(geometry.statistics()[RunningMeanBars])};
    case FlowWire::ToAffine:
        return {cell(1), bar(geometry.parameters()[0])};
    case FlowWire::ToOutput:
        return {bar(geometry.parameters()[0]), cell(2)};
    }
    return {};
}

/// The arrow, and before and after it the way from and to the ends.
QPainterPath wayOf(const FlowArrow& arrow, Ends ends, bool isBackward) {
    if (isBackward)
        std::swap(ends.from, ends.to);
    QPainterPath way;
    if (ends.from.isEmpty()) {
        way = arrow.path;
    } else {
        way.moveTo(QRectF(ends.from).center());
        way.connectPath(arrow.path);
    }
    if (!ends.to.isEmpty())
        way.lineTo(QRectF(ends.to).center());
    return way;
}

}  // namespace

std::vector<FlowTravel> flowTravels(const FlowContent& content, const FlowGeometry& geometry, const Palette& palette,
                                    Cell selected) {
    std::vector<FlowTravel> travels;
    for (const FlowArrow& arrow : flowArrows(content, geometry)) {
        if (arrow.stage != FlowStage::Now)
            continue;
        const bool back = content.arrows.isBackward;
        const QPainterPath way = wayOf(arrow, endsOf(arrow.wire, content, geometry, selected), back);
        const std::size_t count = squaresOn(way);
        const auto values = [&](std::size_t place) { return coloursOf(content, place, palette, selected, count); };
        const auto plain = [&](const QColor& color) { return std::vector<QColor>(count, color); };
        switch (arrow.wire) {
        case FlowWire::ToBatch:
            travels.push_back({way, values(0)});
            break;
        case FlowWire::FromBatch:
        case FlowWire::ToRunning:
            travels.push_back({way, plain(palette.batch)});
            break;
        case FlowWire::FromRunning:
            travels.push_back({way, plain(palette.running)});
            break;
        case FlowWire::ToAffine:
            travels.push_back({way, values(1)});
            break;
        case FlowWire::ToOutput:
            travels.push_back({way, back || content.hasParameters ? values(2) : values(1)});
            break;
        }
    }
    return travels;
}

void paintTravels(QPainter& painter, const std::vector<FlowTravel>& travels, const Palette& palette, double progress) {
    painter.setPen(QPen(palette.text, 1));
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
