// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/timeline.h"

#include "ui/session/recorded_training.h"
#include "ui/theme.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QToolButton>

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

// Reading a run that was recomputed from the disk may take longer than a frame; then it follows in pieces.
constexpr std::int64_t stepsPerPiece = 1000;
constexpr qint64 mostMs = 5;
constexpr double zoomStep = 0.6;

// 1, 2 or 5 times a power of ten, at least 50.
std::int64_t roundedUp(std::int64_t steps) {
    std::int64_t unit = 10;
    for (;; unit *= 10)
        for (const std::int64_t factor : {5, 10, 20})
            if (steps <= unit * factor)
                return unit * factor;
}

double scaled(double pixels) {
    return Theme::instance().scaled(pixels);
}

}  // namespace

Timeline::Timeline(Session& session, QWidget* parent) : QWidget(parent), m_session(session) {
    setObjectName(QStringLiteral("timeline"));
    setAccessibleName(tr("Timeline of the run"));
    setToolTip(QStringLiteral(" "));  // replaced by what lies under the cursor
    setWhatsThis(
        tr("The run from start to end. A bar is the surprise of a batch: the root mean square over channels of "
           "(batch mean − running mean) / √(running var / n); sampling noise alone gives 1. Click or drag to travel. "
           "Wheel, + and − zoom. Marks can be dragged, a double click edits them, Del deletes them; with the keys of "
           "this bar ↑ and ↓ choose one."));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setCursor(Qt::PointingHandCursor);
    m_zoomOut = addButton("timelineZoomOut", QStringLiteral("−"), tr("Show more steps (−)"), &Timeline::zoomOut);
    m_whole = addButton("timelineZoomWhole", QStringLiteral("↔"), tr("Show the whole run (0)"), &Timeline::showWhole);
    m_zoomIn = addButton("timelineZoomIn", QStringLiteral("+"), tr("Show fewer steps (+)"), &Timeline::zoomIn);
    connect(&m_session, &Session::changed, this, &Timeline::follow);
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        updateGeometry();
        layOut();
    });
    readRecipe();
    follow(Change::Head);
    layOut();
}

QToolButton* Timeline::addButton(const char* id, const QString& text, const QString& sentence,
                                 void (Timeline::*slot)()) {
    auto* button = new QToolButton(this);
    button->setObjectName(QLatin1String(id));
    button->setText(text);
    button->setToolTip(sentence);
    button->setAccessibleName(sentence);
    button->setCursor(Qt::ArrowCursor);
    button->setFocusPolicy(Qt::NoFocus);  // the keys in their names do the same
    button->setStyleSheet(QStringLiteral("QToolButton { padding: 0px; border-radius: 4px; }"));
    useFont(button, TextRole::Text, -1);
    connect(button, &QToolButton::clicked, this, slot);
    return button;
}

QSize Timeline::sizeHint() const {
    return {600, Theme::instance().scaled(60)};
}
QSize Timeline::minimumSizeHint() const {
    return {Theme::instance().scaled(200), Theme::instance().scaled(60)};
}

// --- keeping up to date --------------------------------------------------------------------------------------------

void Timeline::follow(Changes changes) {
    if (changes & Change::Recipe)
        readRecipe();
    if (changes & (Change::Head | Change::Transport | Change::Recipe)) {
        const std::int64_t before = m_scale.extent();
        m_scale.setExtent(wantedExtent());
        if (m_scale.extent() != before)
            scaleChanged();
    }
    if (changes & (Change::Head | Change::Data))
        readSeries();
    if (changes & (Change::Shown | Change::Transport) && isZoomed() && m_drag == Drag::None) {
        const double before = m_scale.first();
        m_scale.reveal(static_cast<double>(m_session.shown().step + 1));
        if (m_scale.first() != before)
            scaleChanged();
    }
    if (changes & (Change::Shown | Change::Recipe | Change::Transport))
        announce();
    if (changes
        & (Change::Head | Change::Shown | Change::Recipe | Change::Transport | Change::Recording | Change::Findings))
        update();
}

// What is planned ahead of the run is seen too, unless that made the run itself tiny.
std::int64_t Timeline::wantedExtent() const {
    constexpr std::int64_t farthestAhead = 4, fewest = 50;
    std::int64_t steps = std::max(m_session.head(), m_session.playhead() + 1);
    const std::int64_t most = farthestAhead * std::max(steps, fewest);
    for (auto mark = m_marks.rbegin(); mark != m_marks.rend(); ++mark)
        if (mark->step < most) {
            steps = std::max(steps, mark->step + 1);
            break;
        }
    return roundedUp(steps);
}

void Timeline::readSeries() {
    QElapsedTimer clock;
    clock.start();
    while (!m_bars.follow(m_session.series(), stepsPerPiece))
        if (clock.elapsed() >= mostMs) {
            QTimer::singleShot(0, this, &Timeline::readSeries);
            break;
        }
    update();
}

void Timeline::readRecipe() {
    m_marks = timelineMarks(m_session.recipe());
    if (!selectedMark())
        m_selected.reset();
    arrangeMarks();
}

void Timeline::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    layOut();
}

void Timeline::layOut() {
    const double left = scaled(74), right = scaled(28);
    m_scale.setPixels(left, width() - left - right);
    const int size = Theme::instance().scaled(19);
    int x = Theme::instance().scaled(5);
    for (QToolButton* button : {m_zoomOut, m_whole, m_zoomIn}) {
        button->setGeometry(x, height() - size - 3, size, size);
        x += size + 2;
    }
    scaleChanged();
}

void Timeline::scaleChanged() {
    m_zoomOut->setEnabled(isZoomed());
    m_whole->setEnabled(isZoomed());
    m_zoomIn->setEnabled(m_scale.span() > TimelineScale::fewestSteps);
    arrangeMarks();
    update();
}

void Timeline::arrangeMarks() {
    const TimelineMark* selected = selectedMark();
    m_layout.arrange(
        m_marks, m_session.recipe(), [this](double step) { return xOf(step); }, labelRow(),
        QFontMetricsF(Theme::instance().textFont(-2)),
        selected ? static_cast<std::size_t>(selected - m_marks.data()) : MarkLayout::nothing);
}

// --- geometry ------------------------------------------------------------------------------------------------------

QRectF Timeline::overview() const {
    return isZoomed()
               ? QRectF(m_scale.xOf(m_scale.first()), scaled(2), m_scale.span() * m_scale.pixelsPerStep(), scaled(6))
               : QRectF();
}

QRectF Timeline::barArea() const {
    const double top = scaled(isZoomed() ? 12 : 4);
    return {track().left(), top, track().width(), scaled(30) - top};
}

QRectF Timeline::track() const {
    const double left = m_scale.xOf(m_scale.first());
    return {left, scaled(33), m_scale.xOf(m_scale.last()) - left, scaled(7)};
}

QRectF Timeline::labelRow() const {
    const double top = scaled(41);
    return {track().left(), top, track().width(), height() - top - 1};
}

std::int64_t Timeline::stepAt(double x) const {
    if (m_scale.first() <= 0 && x < track().left() - 2)
        return -1;
    const auto step =
        static_cast<std::int64_t>(std::floor(m_scale.stepAt(std::clamp(x, track().left(), track().right()))));
    return std::clamp<std::int64_t>(step, 0, std::max<std::int64_t>(m_session.head() - 1, 0));
}

QPointF Timeline::markPosition(const TimelineMark& mark) const {
    return {xOf(mark.place()), labelRow().top() + scaled(6)};
}

std::optional<std::int64_t> Timeline::differingStep() const {
    const RecordedTraining& recorded = m_session.recorded();
    const auto diagnosis = recorded.diagnosis();
    if (!diagnosis || !diagnosis->first || !recorded.isReplayed())
        return std::nullopt;
    return diagnosis->first->index;
}

// --- zoom ----------------------------------------------------------------------------------------------------------

void Timeline::zoom(double factor, double around) {
    m_scale.zoom(factor, around);
    scaleChanged();
}

// By keys and buttons around the playhead, which is what one looks at.
void Timeline::zoomIn() {
    const auto playhead = static_cast<double>(m_session.shown().step + 1);
    zoom(zoomStep, std::clamp(playhead, m_scale.first(), m_scale.last()));
}
void Timeline::zoomOut() {
    const auto playhead = static_cast<double>(m_session.shown().step + 1);
    zoom(1 / zoomStep, std::clamp(playhead, m_scale.first(), m_scale.last()));
}
void Timeline::showWhole() {
    m_scale.showWhole();
    scaleChanged();
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
