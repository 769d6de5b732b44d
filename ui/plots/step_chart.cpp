// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/step_chart.h"

#include "ui/format.h"
#include "ui/plots/decimation.h"

#include <QPixmapCache>

#include <cmath>
#include <limits>

namespace bnstudio {

namespace {

constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

QVector<QCPGraphData> graphData(const std::vector<QPointF>& points) {
    QVector<QCPGraphData> data;
    data.reserve(static_cast<qsizetype>(points.size()));
    for (const QPointF& point : points)
        data.append(QCPGraphData(point.x(), point.y()));
    return data;
}

}  // namespace

StepChart::StepChart(QCustomPlot& plot, QCPAxisRect& rect)
    : Chart(plot, rect),
      m_playhead(new PlayheadItem(*this)),
      m_events(new EventMarks(*this)),
      m_floorMark(new FloorMark(*this)),
      m_labels(new EndLabels(*this)) {
    xTicker().setWholeNumbers(true);
    xTicker().setWord(QCoreApplication::translate("StepChart", "step"));
}

StepChart::~StepChart() = default;

void StepChart::setStyle(const ChartStyle& style) {
    Chart::setStyle(style);
    m_playhead->setLook(style.palette, false, 0);
    m_events->setColor(style.palette.faintText);
    m_labels->setFont(style.font);
}

void StepChart::setContent(StepContent content) {
    if (content.key != m_content.key)
        forgetRanges();
    m_content = std::move(content);
}

void StepChart::setPlayhead(std::int64_t step) {
    m_playhead->setStep(step);
}
void StepChart::hidePlayhead() {
    m_playhead->setVisible(false);
}
double StepChart::playheadPixel() const {
    return m_playhead->visible() ? m_playhead->pixel() : notANumber;
}

/// Zero for a channel that is not there.
std::int64_t StepChart::lengthOf(const StepCurve& curve) const {
    const bool scalar = std::holds_alternative<ScalarQuantity>(curve.quantity);
    const auto length = [&](const auto& source) {
        return scalar || (curve.channel >= 0 && curve.channel < source.channels()) ? source.length() : 0;
    };
    if (curve.recorded)
        return m_content.recorded ? length(*m_content.recorded) : 0;
    return length(curve.ghost ? m_content.ghost : m_content.series);
}

std::vector<double> StepChart::values(const StepCurve& curve, std::int64_t first, std::int64_t last) const {
    std::vector<double> read(static_cast<std::size_t>(last - first));
    const SeriesView& view = curve.ghost ? m_content.ghost : m_content.series;
    if (const auto* quantity = std::get_if<Quantity>(&curve.quantity)) {
        if (curve.recorded)
            m_content.recorded->column(*quantity, curve.channel, first, read);
        else
            view.column(*quantity, curve.channel, first, read);
    } else {
        const auto scalar = std::get<ScalarQuantity>(curve.quantity);
        for (std::int64_t step = first; step < last; ++step)
            read[static_cast<std::size_t>(step - first)] = view.at(scalar, step);
    }
    return read;
}

StepChart::Drawn StepChart::read(const StepCurve& curve) const {
    Drawn drawn{{}, notANumber, notANumber};
    const auto length = static_cast<double>(lengthOf(curve));
    // One step more on each side, so that lines run through the edge of a zoomed plot.
    const auto clamped = [&](double step) { return static_cast<std::int64_t>(std::clamp(step, 0.0, length)); };
    const std::int64_t first = clamped(std::floor(x().range().lower) - 1),
                       last = clamped(std::ceil(x().range().upper) + 2);
    if (first >= last)
        return drawn;
    drawn.points = decimate(values(curve, first, last), first, bucketSize(last - first, pixelWidth()));
    for (auto point = drawn.points.rbegin(); point != drawn.points.rend(); ++point)
        if (!std::isnan(point->y())) {
            drawn.endX = point->x();
            drawn.endY = point->y();
            break;
        }
    return drawn;
}

void StepChart::fitY(const std::vector<Drawn>& drawn) {
    double low = std::numeric_limits<double>::infinity(), high = -low, smallestPositive = low;
    bool hasNonPositive = false;
    for (const Drawn& curve : drawn)
        for (const QPointF& point : curve.points) {
            if (std::isnan(point.y()))
                continue;
            low = std::min(low, point.y());
            high = std::max(high, point.y());
            if (point.y() > 0)
                smallestPositive = std::min(smallestPositive, point.y());
            else
                hasNonPositive = true;
        }
    m_floor = 0;
    if (isLogY() && low <= high) {
        if (!std::isfinite(smallestPositive))
            smallestPositive = high = 1;
        if (hasNonPositive)
            m_floor = logFloorBelow(smallestPositive);
        low = hasNonPositive ? m_floor : smallestPositive;
    }
    yTicker().setFloor(m_floor);
    m_floorMark->setFloor(m_floor, style().palette.faintText);
    followY(low, high);
}

QCPScatterStyle StepChart::dotStyle(const QColor& color, std::size_t count) const {
    if (style().forFile)
        return QCPScatterStyle(QCPScatterStyle::ssDisc, color, color, count > 200 ? 1.6 : 2.6);
    constexpr int size = 5;
    QPixmap dot(size, size);
    dot.fill(Qt::transparent);
    QPainter painter(&dot);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawEllipse(QRectF(0.75, 0.75, 3.5, 3.5));
    return QCPScatterStyle(dot);
}

QCPGraph& StepChart::graph(std::size_t index) {
    while (m_graphs.size() <= index) {
        auto* added = plot().addGraph(&x(), &y());
        added->setAdaptiveSampling(false);  // the points are decimated already
        added->setSelectable(QCP::stNone);
        m_graphs.push_back(added);
    }
    return *m_graphs[index];
}

void StepChart::draw(std::size_t index, const Drawn& drawn) {
    const StepCurve& curve = m_content.curves[index];
    QCPGraph& target = graph(index);
    std::vector<QPointF> points = drawn.points;
    for (QPointF& point : points)
        point.setY(shownY(point.y()));
    target.setVisible(true);
    target.setLineStyle(curve.dots ? QCPGraph::lsNone : QCPGraph::lsLine);
    target.setScatterStyle(curve.dots ? dotStyle(curve.color, points.size()) : QCPScatterStyle::ssNone);
    // Wide or antialiased pens are for lines of few points: on dense ones they cost tens of milliseconds.
    constexpr std::size_t mostAntialiased = 400;
    const bool isLight = points.size() <= mostAntialiased;
    QPen pen(curve.color, style().forFile ? 0.8 : isLight && curve.emphasised ? 1.5 : 1);
    if (curve.dashed)
        pen.setDashPattern({5, 3});
    target.setPen(pen);
    target.setAntialiased(style().forFile || isLight);
    if (!curve.dots)
        for (const QPointF& point : isolatedPoints(points))
            m_isolatedPoints.push_back(point);
    target.data()->set(graphData(points), true);
}

void StepChart::labelEnds(const std::vector<Drawn>& drawn) {
    std::vector<EndLabels::Label> labels;
    for (std::size_t i = drawn.size(); i-- > 0;) {
        const StepCurve& curve = m_content.curves[i];
        if (!curve.endLabel.isEmpty() && std::isfinite(drawn[i].endY))
            labels.push_back(
                {{drawn[i].endX, shownY(drawn[i].endY)}, curve.endLabel, curve.labelColor, curve.emphasised});
    }
    std::stable_partition(labels.begin(), labels.end(), [](const EndLabels::Label& label) { return label.bold; });
    m_labels->setLabels(std::move(labels));
}

void StepChart::update() {
    setLogY(m_content.logScale);
    nameY(m_content.yLabel);
    const double end = stepAxisEnd(std::max(m_content.series.length(), m_content.ghost.length()));
    const bool labelled = std::any_of(m_content.curves.begin(), m_content.curves.end(),
                                      [](const StepCurve& curve) { return !curve.endLabel.isEmpty(); });
    showX(-0.015 * end, end * (labelled ? 1.06 : 1.015));

    std::vector<Drawn> drawn;
    drawn.reserve(m_content.curves.size());
    for (const StepCurve& curve : m_content.curves)
        drawn.push_back(read(curve));
    fitY(drawn);
    m_isolatedPoints.clear();
    bool hasValues = false;
    for (std::size_t i = 0; i < drawn.size(); ++i) {
        draw(i, drawn[i]);
        hasValues = hasValues || std::isfinite(drawn[i].endY);
    }
    for (std::size_t i = drawn.size(); i < m_graphs.size(); ++i) {
        m_graphs[i]->setVisible(false);
        m_graphs[i]->data()->clear();
    }
    if (!m_isolated && !m_isolatedPoints.empty()) {
        m_isolated = plot().addGraph(&x(), &y());
        m_isolated->setLineStyle(QCPGraph::lsNone);
        m_isolated->setAdaptiveSampling(false);
    }
    if (m_isolated) {
        m_isolated->setScatterStyle(dotStyle(
            m_content.curves.empty() ? style().palette.text : m_content.curves.back().color, m_isolatedPoints.size()));
        m_isolated->data()->set(graphData(m_isolatedPoints), false);
    }
    labelEnds(drawn);
    m_events->setSteps(m_content.events);
    setEmptyText(hasValues || isXZoomed() ? QString() : m_content.emptyText);
}

std::vector<QPointF> StepChart::line(PlotRole role, std::int64_t channel) const {
    std::vector<QPointF> points;
    for (std::size_t i = 0; i < m_content.curves.size() && i < m_graphs.size(); ++i)
        if (m_content.curves[i].role == role && m_content.curves[i].channel == channel)
            for (const QCPGraphData& point : *m_graphs[i]->data())
                points.emplace_back(point.key, point.value);
    return points;
}

double StepChart::valueAt(const StepCurve& curve, std::int64_t step) const {
    return step < 0 || step >= lengthOf(curve) ? notANumber : values(curve, step, step + 1).front();
}

QString StepChart::readoutAt(QPointF pixel) const {
    const auto step = static_cast<std::int64_t>(std::lround(x().pixelToCoord(pixel.x())));
    if (step < 0 || step >= std::max(m_content.series.length(), m_content.ghost.length()))
        return {};
    // The channel whose line is nearest to the cursor.
    std::int64_t channel = 0;
    double nearest = std::numeric_limits<double>::infinity();
    for (const StepCurve& curve : m_content.curves) {
        const double value = valueAt(curve, step);
        const double distance = std::isfinite(value) ? std::abs(y().coordToPixel(shownY(value)) - pixel.y()) : 1e9;
        if (distance < nearest) {
            nearest = distance;
            channel = curve.channel;
        }
    }
    QStringList words{QCoreApplication::translate("StepChart", "step %1").arg(step)};
    if (m_content.namesChannels)
        words << QCoreApplication::translate("StepChart", "channel %1").arg(channel);
    for (const StepCurve& curve : m_content.curves)
        if (curve.channel == channel && !curve.word.isEmpty() && !(curve.ghost && step >= m_content.ghost.length()))
            words << curve.word + u' ' + formatNumber(valueAt(curve, step));
    return words.join(QStringLiteral("  ·  "));
}

}  // namespace bnstudio
