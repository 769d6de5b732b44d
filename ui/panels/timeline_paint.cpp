// SPDX-License-Identifier: GPL-3.0-or-later
// What the timeline looks like.
#include "ui/format.h"
#include "ui/models/finding_text.h"
#include "ui/panels/timeline.h"
#include "ui/session/run_findings.h"
#include "ui/theme.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

// Sampling noise alone gives 1, a quarter of the height; above it the scale is logarithmic, full at 64.
constexpr double noiseFraction = 0.25, highestZ = 64;

double barFraction(double surprise) {
    const double above = std::log(std::max(surprise, 1.0)) / std::log(highestZ);
    return std::clamp(noiseFraction * std::min(surprise, 1.0) + (1 - noiseFraction) * above, 0.04, 1.0);
}

void fill(QPainter& painter, const std::vector<QRectF>& rectangles, const QBrush& brush) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(brush);
    painter.drawRects(rectangles.data(), static_cast<int>(rectangles.size()));
}

double scaled(double pixels) {
    return Theme::instance().scaled(pixels);
}

}  // namespace

void Timeline::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), colors().panel);
    painter.setFont(Theme::instance().textFont(-2));
    paintWords(painter);
    paintOverview(painter);
    paintNoiseLine(painter);
    painter.save();
    painter.setClipRect(barArea());
    paintBars(painter);
    painter.setClipRect(track().adjusted(-6, -scaled(40), 6, scaled(30)));
    paintTrack(painter);
    paintDifference(painter);
    paintFindings(painter);
    paintPlayhead(painter);
    painter.restore();
    paintMarks(painter);
    paintExtent(painter);
    if (m_drag == Drag::Mark)
        paintDraggedMark(painter);
    if (hasFocus()) {
        painter.setPen(QPen(colors().accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

bool Timeline::isVisibleX(double x) const {
    return x >= track().left() - 6 && x <= track().right() + 6;
}

void Timeline::paintWords(QPainter& painter) const {
    painter.setPen(colors().mutedText);
    const double line = QFontMetricsF(painter.font()).height(), width = track().left() - 10;
    painter.drawText(QRectF(6, 2, width, line), Qt::AlignLeft | Qt::AlignVCenter, tr("surprise"));
    painter.drawText(QRectF(6, 2 + line - 1, width, line), Qt::AlignLeft | Qt::AlignVCenter, tr("RMS z"));
}

/// The whole run as a strip, and a frame around the part that is seen below.
void Timeline::paintOverview(QPainter& painter) const {
    const QRectF strip = overview();
    if (strip.isNull())
        return;
    const Palette& p = colors();
    const auto x = [&](double step) { return strip.left() + step / static_cast<double>(extent()) * strip.width(); };
    const auto part = [&](double from, double to, const QColor& color) {
        painter.fillRect(QRectF(x(from), strip.top(), x(to) - x(from), strip.height()), color);
    };
    part(0, static_cast<double>(extent()), p.grid);
    part(0, static_cast<double>(m_session.head()), p.dark ? p.accentSoft : p.accentSoft.darker(108));
    for (const TimelineMark& mark : m_marks)
        if (mark.kind != TimelineMark::Kind::Start)
            painter.fillRect(QRectF(x(mark.place()), strip.top(), 1, strip.height()), p.mutedText);
    const double head = x(static_cast<double>(m_session.shown().step + 1));
    painter.fillRect(QRectF(head - 1, strip.top() - 1, 2, strip.height() + 2), p.text);
    const double left = x(m_scale.first()), right = x(m_scale.last());
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(p.accent, 1.5));
    painter.drawRect(QRectF(left, strip.top() - 1, std::max(right - left, 4.0), strip.height() + 2));
}

/// Above the bars of refused batches, for the triangles of findings in the same colour.
constexpr int markRow = 7;

// One bar a pixel column at most: the greatest surprise of the steps that share it. Steps share a column from a multiple
// of their number on, so that bars do not flicker while the part that is seen moves.
void Timeline::paintBars(QPainter& painter) const {
    const QRectF area = barArea();
    const std::int64_t played = m_session.shown().step + 1, end = m_bars.length();
    const double stepWidth = m_scale.pixelsPerStep();
    const auto stride = static_cast<std::int64_t>(std::max(1.0, std::ceil(1 / stepWidth)));
    const double gap = stepWidth > 3 ? 1 : 0, barWidth = std::max(1.0, stepWidth * static_cast<double>(stride) - gap);
    std::vector<QRectF> past, ahead, notNumbers, refused;
    const auto firstSeen = static_cast<std::int64_t>(m_scale.first()) / stride * stride;
    for (std::int64_t step = firstSeen; step < end; step += stride) {
        const double left = xOf(static_cast<double>(step));
        if (left > area.right())
            break;
        const TimelineBar bar = m_bars.over(step, std::min(step + stride, end));
        const QRectF whole(left, area.top(), std::max(2.0, barWidth), area.height());
        if (!std::isnan(bar.surprise)) {
            const double height = barFraction(static_cast<double>(bar.surprise)) * area.height();
            (step < played ? past : ahead).emplace_back(left, area.bottom() - height, barWidth, height);
        }
        if (bar.refused)
            refused.push_back(whole.adjusted(0, scaled(markRow), 0, 0));
        else if (bar.notANumber)
            notNumbers.push_back(whole);
    }
    const Palette& p = colors();
    fill(painter, past, p.batch);
    fill(painter, ahead, p.batchPale);
    fill(painter, notNumbers, QBrush(p.warning, Qt::BDiagPattern));
    fill(painter, refused, p.warning);
    paintRefusals(painter);
}

std::vector<QPointF> Timeline::refusals() const {
    constexpr double apart = 9;
    std::vector<QPointF> places;
    const QRectF area = barArea();
    const auto first = static_cast<std::int64_t>(std::max(0.0, std::floor(m_scale.first())));
    const std::int64_t end = std::min(m_bars.length(), static_cast<std::int64_t>(std::ceil(m_scale.last())));
    const auto stride = static_cast<std::int64_t>(std::max(1.0, std::ceil(1 / m_scale.pixelsPerStep())));
    for (std::int64_t step = first; step < end; step += stride) {
        const double x = xOf(static_cast<double>(step) + 0.5);
        if ((places.empty() || x - places.back().x() >= apart)
            && m_bars.over(step, std::min(step + stride, end)).refused)
            places.emplace_back(x, 0.5 * (area.top() + scaled(markRow) + area.bottom()));
    }
    return places;
}

/// A cross on a refused batch: its bar is as high as that of a great surprise, and not every eye tells their colours
/// apart.
void Timeline::paintRefusals(QPainter& painter) const {
    const double arm = scaled(3);
    painter.setRenderHint(QPainter::Antialiasing);
    for (const auto& [color, width] : {std::pair(colors().panel, 4.0), std::pair(colors().text, 2.0)}) {
        painter.setPen(QPen(color, width, Qt::SolidLine, Qt::RoundCap));
        for (const QPointF at : refusals()) {
            painter.drawLine(at + QPointF(-arm, -arm), at + QPointF(arm, arm));
            painter.drawLine(at + QPointF(-arm, arm), at + QPointF(arm, -arm));
        }
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void Timeline::paintNoiseLine(QPainter& painter) const {
    const QRectF area = barArea();
    const double one = std::round(area.bottom() - area.height() * noiseFraction);
    painter.setPen(QPen(colors().faintText, 1, Qt::DotLine));
    painter.drawLine(QPointF(area.left(), one), QPointF(area.right(), one));
    painter.setPen(colors().mutedText);
    painter.drawText(QRectF(area.right() + 5, one - 10, width() - area.right() - 5, 20),
                     Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("1"));
}

void Timeline::paintTrack(QPainter& painter) const {
    const Palette& p = colors();
    const QRectF whole = track();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    const double radius = whole.height() / 2;
    const auto part = [&](double to, const QColor& color) {
        const double end = std::min(to, whole.right());
        if (end <= whole.left())
            return;
        painter.setBrush(color);
        painter.drawRoundedRect(QRectF(whole.left(), whole.top(), end - whole.left(), whole.height()), radius, radius);
    };
    part(whole.right(), p.grid);
    part(xOf(static_cast<double>(m_session.head())), p.dark ? p.accentSoft : p.accentSoft.darker(108));
    part(xOf(static_cast<double>(m_session.shown().step + 1)), p.accent);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void Timeline::paintSymbol(QPainter& painter, const TimelineMark& mark, QPointF at) const {
    const double half = MarkLayout::halfWidth - 0.5;
    painter.setPen(Qt::NoPen);
    if (mark.kind == TimelineMark::Kind::Name) {
        painter.setBrush(colors().accent);
        const QPointF diamond[] = {
            {at.x(), at.y() - 5}, {at.x() + half, at.y()}, {at.x(), at.y() + 5}, {at.x() - half, at.y()}};
        painter.drawPolygon(diamond, 4);
    } else {
        painter.setBrush(colors().text);
        const QPointF triangle[] = {{at.x() - half, at.y() + 3}, {at.x() + half, at.y() + 3}, {at.x(), at.y() - 4}};
        painter.drawPolygon(triangle, 3);
    }
}

void Timeline::paintMarks(QPainter& painter) const {
    painter.setRenderHint(QPainter::Antialiasing);
    const TimelineMark* selected = selectedMark();
    for (const MarkGroup& group : groups()) {
        double lastX = -100;
        for (std::size_t i = group.first; i < group.last; ++i) {
            const QPointF at = markPosition(m_marks[i]);
            if (at.x() - lastX >= 1)
                paintSymbol(painter, m_marks[i], at);
            lastX = at.x();
        }
    }
    if (selected && isVisibleX(markPosition(*selected).x())) {
        const QPointF at = markPosition(*selected);
        paintSymbol(painter, *selected, at);
        painter.setBrush(Qt::NoBrush);
        const QRectF outline(at.x() - 7, at.y() - 7, 14, 13);
        painter.setPen(QPen(colors().panel, 1));
        painter.drawRect(outline.adjusted(1, 1, -1, -1));
        painter.setPen(QPen(colors().text, 1));
        painter.drawRect(outline);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(colors().text);
    for (const MarkGroup& group : groups())
        if (!group.label.isNull())
            painter.drawText(group.label, Qt::AlignLeft | Qt::AlignTop | Qt::TextDontClip, group.text);
}

/// The number of steps at the right end, where no label wants the place.
void Timeline::paintExtent(QPainter& painter) const {
    const QString words = formatCount(static_cast<qint64>(std::ceil(m_scale.last())));
    const double width = QFontMetricsF(painter.font()).horizontalAdvance(words);
    const QRectF row = labelRow();
    const QRectF place(row.right() - width + scaled(20), row.top(), width + 1, row.height());
    for (const MarkGroup& group : groups())
        if (group.right + MarkLayout::halfWidth > place.left() - 4 || group.label.right() > place.left() - 4)
            return;
    painter.setPen(colors().mutedText);
    painter.drawText(place, Qt::AlignLeft | Qt::AlignTop | Qt::TextDontClip, words);
}

void Timeline::paintDraggedMark(QPainter& painter) const {
    const TimelineMark* mark = selectedMark();
    if (!mark)
        return;
    TimelineMark moved = *mark;
    moved.step = m_dropStep;
    const QPointF at = markPosition(moved);
    painter.setPen(QPen(colors().accent, 1, Qt::DashLine));
    painter.drawLine(QPointF(at.x(), barArea().top()), QPointF(at.x(), at.y()));
    painter.setRenderHint(QPainter::Antialiasing);
    paintSymbol(painter, moved, at);
    painter.setRenderHint(QPainter::Antialiasing, false);
    const QString words = tr("to step %1").arg(m_dropStep);
    const double width = QFontMetricsF(painter.font()).horizontalAdvance(words) + 8;
    const double x = at.x() + 8 + width > this->width() ? at.x() - 8 - width : at.x() + 8;
    const QRectF box(x, barArea().top() + 2, width, QFontMetricsF(painter.font()).height() + 2);
    painter.setPen(colors().border);
    painter.setBrush(colors().panel);
    painter.drawRect(box);
    painter.setPen(colors().text);
    painter.drawText(box, Qt::AlignCenter, words);
}

/// A flag at the first step whose recorded numbers differ from the rule's.
void Timeline::paintDifference(QPainter& painter) const {
    const auto step = differingStep();
    if (!step || *step >= extent())
        return;
    const double x = std::round(xOf(static_cast<double>(*step) + 0.5)), top = barArea().top() - 3;
    painter.setPen(QPen(colors().difference, 1.5));
    painter.drawLine(QPointF(x, top), QPointF(x, track().bottom()));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors().difference);
    const QPointF flag[] = {{x, top}, {x + 10, top + 4.5}, {x, top + 9}};
    painter.drawPolygon(flag, 3);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

/// A small triangle over the step at which a finding begins; notes have none.
void Timeline::paintFindings(QPainter& painter) const {
    const auto found = m_session.findings();
    if (!found)
        return;
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors().warning);
    const double top = barArea().top();
    for (const Finding& finding : findingsOfLane(found->list, 0)) {
        const double x = xOf(static_cast<double>(finding.step) + 0.5);
        if (finding.severity == Severity::Note || !isVisibleX(x))
            continue;
        const QPointF triangle[] = {{x - 3.5, top + 3}, {x + 3.5, top + 3}, {x, top - 3}};
        painter.drawPolygon(triangle, 3);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void Timeline::paintPlayhead(QPainter& painter) const {
    const Palette& p = colors();
    const double x = xOf(static_cast<double>(m_session.shown().step + 1));
    if (!isVisibleX(x))
        return;
    const QRectF rail = track();
    painter.setPen(QPen(p.text, 1.5));
    painter.drawLine(QPointF(x, barArea().top() - 3), QPointF(x, rail.top()));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(p.panel);
    painter.setPen(QPen(p.text, 2));
    painter.drawEllipse(QPointF(x, rail.center().y()), 5.5, 5.5);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

}  // namespace bnstudio
