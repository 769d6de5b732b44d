// SPDX-License-Identifier: GPL-3.0-or-later
// Mouse, wheel and keys of the timeline.
#include "ui/panels/apply_setting.h"
#include "ui/panels/event_dialog.h"
#include "ui/panels/timeline.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

constexpr double dragSlack = 4;  // pixels a press may move and still be a click

}  // namespace

// --- marks ---------------------------------------------------------------------------------------------------------

const TimelineMark* Timeline::selectedMark() const {
    if (!m_selected)
        return nullptr;
    const auto found = std::find_if(m_marks.begin(), m_marks.end(),
                                    [this](const TimelineMark& mark) { return mark.isSame(*m_selected); });
    return found == m_marks.end() ? nullptr : &*found;
}

std::size_t Timeline::markAtPosition(QPointF position) const {
    if (position.y() < labelRow().top() - 2)
        return MarkLayout::nothing;
    std::size_t nearest = MarkLayout::nothing;
    double distance = markReach;
    for (const MarkGroup& group : groups()) {
        for (std::size_t i = group.first; i < group.last; ++i) {
            const double away = std::abs(markPosition(m_marks[i]).x() - position.x());
            if (away < distance || (away <= markReach && selectedMark() == &m_marks[i])) {
                nearest = i;
                distance = away;
            }
        }
        if (group.label.contains(position) && nearest == MarkLayout::nothing)
            nearest = group.last - 1;
    }
    return nearest;
}

void Timeline::select(std::size_t mark) {
    m_selected = mark < m_marks.size() ? std::optional(m_marks[mark]) : std::nullopt;
    QString words;
    if (m_selected)
        for (const TimelineItem item : m_selected->items)
            words += tr("step %1: %2. ").arg(m_selected->step).arg(itemText(m_session.recipe(), item));
    setAccessibleDescription(words);
    arrangeMarks();
    update();
}

void Timeline::selectNeighbour(int direction) {
    // The start cannot be moved or edited, so it is not chosen.
    const auto count = static_cast<std::ptrdiff_t>(m_marks.size());
    if (count < 2)
        return;
    std::ptrdiff_t next = 0;
    if (const TimelineMark* selected = selectedMark()) {
        next = selected - m_marks.data() + direction;
    } else {
        const double playhead = static_cast<double>(m_session.playhead()) + 0.5;
        while (next < count && m_marks[static_cast<std::size_t>(next)].place() < playhead)
            ++next;
        next -= direction < 0 ? 1 : 0;
    }
    next = std::clamp<std::ptrdiff_t>(next, 1, count - 1);
    m_scale.reveal(m_marks[static_cast<std::size_t>(next)].place());
    select(static_cast<std::size_t>(next));
    scaleChanged();
}

void Timeline::moveMark(const TimelineMark& mark, std::int64_t step, int mergeId) {
    TimelineMark moved = mark;
    if (mark.items.size() == 1) {
        const TimelineItem now = moveItem(m_session, mark.items.front(), step, mergeId);
        moved.step = stepOf(m_session.recipe(), now);
    } else if (mark.items.size() > 1) {
        // Several events of one step stay together and in order.
        Recipe next = m_session.recipe();
        const auto first = next.events.begin() + static_cast<std::ptrdiff_t>(mark.items.front().index);
        std::vector<Event> events(first, first + static_cast<std::ptrdiff_t>(mark.items.size()));
        next.events.erase(first, first + static_cast<std::ptrdiff_t>(mark.items.size()));
        moved.step = std::max<std::int64_t>(step, 0);
        for (Event& event : events) {
            event.step = moved.step;
            insertEvent(next, event);
        }
        m_session.edit(tr("Move %n events to step %1", nullptr, static_cast<int>(events.size())).arg(moved.step),
                       std::move(next), mergeId);
    }
    const auto found =
        std::find_if(m_marks.begin(), m_marks.end(), [&](const TimelineMark& other) { return other.isSame(moved); });
    select(static_cast<std::size_t>(found - m_marks.begin()));
}

void Timeline::editMark(const TimelineMark& mark) {
    if (mark.kind == TimelineMark::Kind::Name)
        openNameDialog(m_session, mark.step, window());
    else if (mark.items.size() == 1)
        (new EventDialog(m_session, mark.items.front().index, window()))->open();
    else if (mark.items.size() > 1)
        openMenu(static_cast<std::size_t>(&mark - m_marks.data()), mark.step,
                 mapToGlobal(markPosition(mark).toPoint()));
}

void Timeline::deleteMark(const TimelineMark& mark) {
    removeItems(m_session, mark.items);
}

// --- mouse ---------------------------------------------------------------------------------------------------------

void Timeline::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    m_pressed = event->position();
    if (!overview().isNull() && m_pressed.y() <= overview().bottom() + 2) {
        m_drag = Drag::Overview;
        mouseMoveEvent(event);
        return;
    }
    m_session.pause();
    const std::size_t mark = markAtPosition(m_pressed);
    select(mark);
    if (mark == MarkLayout::nothing) {
        m_drag = Drag::Playhead;
        m_session.goTo(stepAt(m_pressed.x()));
        return;
    }
    m_drag = Drag::PressedMark;
    m_dropStep = m_marks[mark].step;
}

void Timeline::mouseMoveEvent(QMouseEvent* event) {
    const QPointF position = event->position();
    switch (m_drag) {
    case Drag::None:
        setCursor(markAtPosition(position) != MarkLayout::nothing ? Qt::ArrowCursor : Qt::PointingHandCursor);
        break;
    case Drag::Playhead:
        m_session.goTo(stepAt(position.x()));
        break;
    case Drag::PressedMark:
        if (m_selected && !m_selected->items.empty() && std::abs(position.x() - m_pressed.x()) > dragSlack)
            m_drag = Drag::Mark;
        [[fallthrough]];
    case Drag::Mark:
        dragMark(position);
        break;
    case Drag::Overview: {
        const double fraction = (position.x() - overview().left()) / overview().width();
        m_scale.pan(fraction * static_cast<double>(extent()) - (m_scale.first() + m_scale.span() / 2));
        scaleChanged();
        break;
    }
    }
}

std::int64_t Timeline::dropStepAt(double x) const {
    const bool isName = m_selected && m_selected->kind == TimelineMark::Kind::Name;
    const double step = m_scale.stepAt(x);
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(isName ? std::floor(step) : std::round(step)), 0,
                                    extent() - 1);
}

void Timeline::dragMark(QPointF position) {
    if (m_drag != Drag::Mark)
        return;
    m_dropStep = dropStepAt(position.x());
    update();
}

void Timeline::dropMark() {
    const TimelineMark* mark = selectedMark();
    if (!mark || m_dropStep == mark->step)
        return;
    moveMark(TimelineMark(*mark), m_dropStep, -1);
}

void Timeline::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    const Drag drag = std::exchange(m_drag, Drag::None);
    if (drag == Drag::Mark)
        dropMark();
    else if (drag == Drag::PressedMark && m_selected)
        m_session.goTo(m_selected->step);
    update();
}

void Timeline::mouseDoubleClickEvent(QMouseEvent* event) {
    const std::size_t mark =
        event->button() == Qt::LeftButton ? markAtPosition(event->position()) : MarkLayout::nothing;
    if (mark != MarkLayout::nothing)
        editMark(m_marks[mark]);
    else
        mousePressEvent(event);
}

void Timeline::wheelEvent(QWheelEvent* event) {
    const QPoint turned = event->angleDelta();
    if (event->modifiers() & Qt::ShiftModifier || turned.y() == 0)
        m_scale.pan(-(turned.x() + turned.y()) / 120.0 * m_scale.span() / 10);
    else
        m_scale.zoom(std::pow(0.8, turned.y() / 120.0), m_scale.stepAt(event->position().x()));
    scaleChanged();
    event->accept();
}

// --- keys ----------------------------------------------------------------------------------------------------------

bool Timeline::wantsKey(const QKeyEvent& event) const {
    const Qt::KeyboardModifiers modifiers = event.modifiers() & ~(Qt::KeypadModifier | Qt::ShiftModifier);
    switch (event.key()) {
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Delete:
    case Qt::Key_Plus:
    case Qt::Key_Equal:
    case Qt::Key_Minus:
    case Qt::Key_0:
    case Qt::Key_Escape:
        return modifiers == Qt::NoModifier;
    case Qt::Key_Left:
    case Qt::Key_Right:
        return modifiers == Qt::AltModifier;
    default:
        return false;
    }
}

void Timeline::keyPressEvent(QKeyEvent* event) {
    if (!wantsKey(*event))
        return QWidget::keyPressEvent(event);
    // A copy: an edit makes the marks anew.
    const TimelineMark* selected = selectedMark();
    const std::optional<TimelineMark> mark = selected ? std::optional(*selected) : std::nullopt;
    switch (event->key()) {
    case Qt::Key_Up:
        return selectNeighbour(-1);
    case Qt::Key_Down:
        return selectNeighbour(1);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return zoomIn();
    case Qt::Key_Minus:
        return zoomOut();
    case Qt::Key_0:
        return showWhole();
    case Qt::Key_Escape:
        if (m_drag == Drag::Mark)
            m_drag = Drag::None;
        else if (!mark)
            clearFocus();
        return select(MarkLayout::nothing);
    case Qt::Key_Left:
    case Qt::Key_Right:
        if (mark)
            moveMark(*mark, mark->step + (event->key() == Qt::Key_Left ? -1 : 1), merge::timelineItem);
        return;
    case Qt::Key_Delete:
        if (mark)
            deleteMark(*mark);
        return;
    default:
        if (selected)
            editMark(*selected);
    }
}

void Timeline::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    update();
}

void Timeline::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    update();
}

bool Timeline::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(), tipAt(QPointF(help->pos())), this);
        return true;
    }
    if (event->type() == QEvent::ShortcutOverride && wantsKey(*static_cast<QKeyEvent*>(event))) {
        event->accept();
        return true;
    }
    return QWidget::event(event);
}

}  // namespace bnstudio
