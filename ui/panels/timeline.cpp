// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/timeline.h"

#include "ui/format.h"
#include "ui/models/event_text.h"
#include "ui/models/finding_text.h"
#include "ui/models/recording_text.h"
#include "ui/session/recorded_training.h"
#include "ui/session/run_findings.h"
#include "ui/theme.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

constexpr double leftMargin = 74, rightMargin = 28;
constexpr double barTop = 4, barHeight = 26, trackTop = 33, trackHeight = 7, labelTop = 43;
// Sampling noise alone gives 1, a quarter of the height; above it the scale is logarithmic, full at 64.
constexpr double noiseFraction = 0.25, highestZ = 64;

// 1, 2 or 5 times a power of ten, at least 50.
std::int64_t roundedUp(std::int64_t steps) {
    std::int64_t unit = 10;
    for (;; unit *= 10)
        for (const std::int64_t factor : {5, 10, 20})
            if (steps <= unit * factor)
                return unit * factor;
}

double barFraction(double surprise) {
    const double above = std::log(std::max(surprise, 1.0)) / std::log(highestZ);
    return std::clamp(noiseFraction * std::min(surprise, 1.0) + (1 - noiseFraction) * above, 0.04, 1.0);
}

}  // namespace

Timeline::Timeline(Session& session, QWidget* parent) : QWidget(parent), m_session(session) {
    setObjectName(QStringLiteral("timeline"));
    setAccessibleName(tr("Timeline of the run"));
    setToolTip(QStringLiteral(" "));  // replaced by what lies under the cursor
    setWhatsThis(
        tr("The run from start to end. A bar is the surprise of a batch: the root mean square over channels of "
           "(batch mean − running mean) / √(running var / n); sampling noise alone gives 1. Click or drag to travel."));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setCursor(Qt::PointingHandCursor);
    connect(&m_session, &Session::changed, this, [this](Changes changes) {
        if (changes
            & (Change::Head | Change::Shown | Change::Recipe | Change::Transport | Change::Recording
               | Change::Findings))
            update();
    });
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

std::int64_t Timeline::extent() const {
    return roundedUp(std::max(m_session.head(), m_session.playhead() + 1));
}

QRectF Timeline::barArea() const {
    return {leftMargin, barTop, width() - leftMargin - rightMargin, barHeight};
}
QRectF Timeline::track() const {
    return {leftMargin, trackTop, width() - leftMargin - rightMargin, trackHeight};
}

// Step k fills [k, k + 1); the start lies left of step 0, at the very edge.
double Timeline::xOf(double step) const {
    return leftMargin + step / static_cast<double>(extent()) * track().width();
}

std::int64_t Timeline::stepAt(double x) const {
    if (x < leftMargin - 2)
        return -1;
    const double step = std::floor((x - leftMargin) / track().width() * static_cast<double>(extent()));
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(step), 0,
                                    std::max<std::int64_t>(m_session.head() - 1, 0));
}

void Timeline::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), colors().panel);
    painter.setFont(Theme::instance().textFont(-2));
    painter.setPen(colors().mutedText);
    painter.drawText(QRectF(6, 3, leftMargin - 10, 14), Qt::AlignLeft | Qt::AlignVCenter, tr("surprise"));
    painter.drawText(QRectF(6, 16, leftMargin - 10, 14), Qt::AlignLeft | Qt::AlignVCenter, tr("RMS z"));
    paintBars(painter);
    paintTrack(painter);
    paintEvents(painter);
    paintDifference(painter);
    paintFindings(painter);
    paintPlayhead(painter);
}

void Timeline::paintBars(QPainter& painter) const {
    const Palette& p = colors();
    const QRectF area = barArea();
    const SeriesView& series = m_session.series();
    const std::int64_t played = m_session.shown().step + 1;
    const double stepWidth = area.width() / static_cast<double>(extent());
    // One bar a pixel column at most: the greatest surprise of the steps that share it.
    std::int64_t step = 0;
    while (step < series.length()) {
        const double left = xOf(static_cast<double>(step));
        std::int64_t last = step + 1;
        while (last < series.length() && xOf(static_cast<double>(last)) < left + 1)
            ++last;
        double surprise = NAN;
        bool refused = false;
        for (std::int64_t k = step; k < last; ++k) {
            const double value = series.at(ScalarQuantity::Surprise, k);
            if (!(surprise >= value))
                surprise = value;
            refused = refused || series.at(ScalarQuantity::Refused, k) > 0;
        }
        const bool past = step < played;
        const double gap = stepWidth > 3 ? 1 : 0;
        const double barWidth = std::max(1.0, stepWidth * static_cast<double>(last - step) - gap);
        if (refused) {
            painter.fillRect(QRectF(left, area.top(), std::max(2.0, barWidth), area.height()), p.warning);
        } else if (!std::isnan(surprise)) {
            const double height = barFraction(surprise) * area.height();
            painter.fillRect(QRectF(left, area.bottom() - height, barWidth, height), past ? p.batch : p.batchPale);
        } else if (!std::isnan(series.at(ScalarQuantity::BatchesTracked, step))
                   && series.at(ScalarQuantity::ValuesPerChannel, step) > 0) {
            // There are running statistics, and not one channel whose distance is a number: NaN went in.
            painter.fillRect(QRectF(left, area.top(), barWidth, area.height()), QBrush(p.warning, Qt::BDiagPattern));
        }
        step = last;
    }
    const double one = area.bottom() - area.height() * noiseFraction;
    painter.setPen(QPen(p.faintText, 1, Qt::DotLine));
    painter.drawLine(QPointF(area.left(), one), QPointF(area.right(), one));
    painter.setPen(p.mutedText);
    painter.drawText(QRectF(area.right() + 5, one - 8, rightMargin - 5, 16), Qt::AlignLeft | Qt::AlignVCenter,
                     QStringLiteral("1"));
}

void Timeline::paintTrack(QPainter& painter) const {
    const Palette& p = colors();
    const QRectF whole = track();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    const auto part = [&](double from, double to, const QColor& color) {
        if (to <= from)
            return;
        painter.setBrush(color);
        painter.drawRoundedRect(QRectF(from, whole.top(), to - from, whole.height()), 3.5, 3.5);
    };
    part(whole.left(), whole.right(), p.grid);
    part(whole.left(), xOf(static_cast<double>(m_session.head())), p.dark ? p.accentSoft : p.accentSoft.darker(108));
    part(whole.left(), xOf(static_cast<double>(m_session.shown().step + 1)), p.accent);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(p.mutedText);
    painter.drawText(QRectF(whole.right() - 80, labelTop, 80 + rightMargin - 4, 16), Qt::AlignRight | Qt::AlignVCenter,
                     formatCount(extent()));
}

void Timeline::paintEvents(QPainter& painter) const {
    const Recipe& recipe = m_session.recipe();
    std::vector<std::pair<double, QString>> marks{{leftMargin, tr("start")}};
    for (const std::int64_t step : eventSteps(recipe)) {
        QStringList texts;
        for (std::size_t i = 0; i < recipe.events.size(); ++i)
            if (recipe.events[i].step == step)
                texts << eventText(recipe, i);
        const QString more = texts.size() > 1 ? tr(" +%1").arg(texts.size() - 1) : QString();
        marks.emplace_back(xOf(static_cast<double>(step)), texts.front() + more);
    }
    const QFontMetricsF metrics(painter.font());
    painter.setBrush(colors().text);
    for (std::size_t i = 0; i < marks.size(); ++i) {
        const auto& [x, text] = marks[i];
        painter.setPen(Qt::NoPen);
        painter.setRenderHint(QPainter::Antialiasing);
        const QPointF triangle[] = {{x - 4, labelTop + 6}, {x + 4, labelTop + 6}, {x, labelTop - 1}};
        painter.drawPolygon(triangle, 3);
        painter.setRenderHint(QPainter::Antialiasing, false);
        // A name is written where it ends before the next mark; the tooltip has them all.
        const double end = x + 7 + metrics.horizontalAdvance(text) + 8;
        const double next = i + 1 < marks.size() ? marks[i + 1].first : width() - rightMargin - 50;
        if (end > next)
            continue;
        painter.setPen(colors().text);
        painter.drawText(QPointF(x + 7, labelTop + 10), text);
    }
}

std::optional<std::int64_t> Timeline::differingStep() const {
    const RecordedTraining& recorded = m_session.recorded();
    const auto diagnosis = recorded.diagnosis();
    if (!diagnosis || !diagnosis->first || !recorded.isReplayed())
        return std::nullopt;
    return diagnosis->first->index;
}

/// A flag at the first step whose recorded numbers differ from the rule's.
void Timeline::paintDifference(QPainter& painter) const {
    const auto step = differingStep();
    if (!step || *step >= extent())
        return;
    const double x = std::round(xOf(static_cast<double>(*step) + 0.5));
    painter.setPen(QPen(colors().difference, 1.5));
    painter.drawLine(QPointF(x, barTop - 3), QPointF(x, trackTop + trackHeight));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors().difference);
    const QPointF flag[] = {{x, barTop - 3}, {x + 10, barTop + 1.5}, {x, barTop + 6}};
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
    for (const Finding& finding : findingsOfLane(found->list, 0)) {
        if (finding.severity == Severity::Note || finding.step >= extent())
            continue;
        const double x = xOf(static_cast<double>(finding.step) + 0.5);
        const QPointF triangle[] = {{x - 3.5, barTop + 3}, {x + 3.5, barTop + 3}, {x, barTop - 3}};
        painter.drawPolygon(triangle, 3);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void Timeline::paintPlayhead(QPainter& painter) const {
    const Palette& p = colors();
    const double x = xOf(static_cast<double>(m_session.shown().step + 1));
    painter.setPen(QPen(p.text, 1.5));
    painter.drawLine(QPointF(x, barTop - 3), QPointF(x, trackTop));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(p.panel);
    painter.setPen(QPen(p.text, 2));
    painter.drawEllipse(QPointF(x, trackTop + trackHeight / 2), 5.5, 5.5);
}

void Timeline::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    m_dragging = true;
    m_session.pause();
    m_session.goTo(stepAt(event->position().x()));
}

void Timeline::mouseMoveEvent(QMouseEvent* event) {
    if (m_dragging)
        m_session.goTo(stepAt(event->position().x()));
}

void Timeline::mouseReleaseEvent(QMouseEvent*) {
    m_dragging = false;
}

QString Timeline::tipAt(std::int64_t step) const {
    if (step < 0)
        return tr("start: the state before step 0");
    QStringList lines{tr("step %1").arg(step)};
    if (step < m_session.series().length()) {
        const double surprise = m_session.series().at(ScalarQuantity::Surprise, step);
        if (m_session.series().at(ScalarQuantity::Refused, step) > 0)
            lines << tr("the layer refused this batch");
        else if (!std::isnan(surprise))
            lines << tr("surprise %1").arg(formatNumber(surprise, 3));
    }
    if (const auto differing = differingStep();
        differing && std::abs(xOf(static_cast<double>(*differing)) - xOf(static_cast<double>(step))) < 5)
        lines << tr("first difference from the recording: %1")
                     .arg(placeText(*m_session.recorded().diagnosis()->first, m_session));
    if (const auto found = m_session.findings())
        for (const Finding& finding : findingsOfLane(found->list, 0))
            if (std::abs(xOf(static_cast<double>(finding.step)) - xOf(static_cast<double>(step))) < 5)
                lines << tr("since step %1: %2").arg(finding.step).arg(QString::fromStdString(finding.sentence));
    const Recipe& recipe = m_session.recipe();
    for (std::size_t i = 0; i < recipe.events.size(); ++i)
        if (std::abs(xOf(static_cast<double>(recipe.events[i].step)) - xOf(static_cast<double>(step))) < 5)
            lines << tr("before step %1: %2").arg(recipe.events[i].step).arg(eventText(recipe, i));
    return lines.join(u'\n');
}

bool Timeline::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(), tipAt(stepAt(help->pos().x())), this);
        return true;
    }
    return QWidget::event(event);
}

std::vector<std::int64_t> eventSteps(const Recipe& recipe) {
    std::vector<std::int64_t> steps;
    for (const Event& event : recipe.events)
        steps.push_back(event.step);
    std::sort(steps.begin(), steps.end());
    steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
    return steps;
}

}  // namespace bnstudio
