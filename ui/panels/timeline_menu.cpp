// SPDX-License-Identifier: GPL-3.0-or-later
// The context menu of the timeline, and what it says about a place.
#include "ui/format.h"
#include "ui/models/core_text.h"
#include "ui/models/finding_text.h"
#include "ui/models/recording_text.h"
#include "ui/panels/event_dialog.h"
#include "ui/panels/timeline.h"
#include "ui/session/recorded_training.h"
#include "ui/session/run_findings.h"

#include <QContextMenuEvent>
#include <QMenu>
#include <QToolButton>

#include <algorithm>
#include <cmath>

namespace bnstudio {

void Timeline::contextMenuEvent(QContextMenuEvent* event) {
    if (event->reason() == QContextMenuEvent::Mouse) {
        const std::size_t mark = markAtPosition(QPointF(event->pos()));
        select(mark);
        openMenu(mark, stepAt(event->pos().x()), event->globalPos());
    } else if (const TimelineMark* mark = selectedMark()) {
        openMenu(static_cast<std::size_t>(mark - m_marks.data()), mark->step,
                 mapToGlobal(markPosition(*mark).toPoint()));
    } else {
        openMenu(MarkLayout::nothing, m_session.playhead(), mapToGlobal(rect().center()));
    }
}

void Timeline::addMarkActions(QMenu& menu, const TimelineMark& mark) {
    const Recipe& recipe = m_session.recipe();
    for (const TimelineItem item : mark.items) {
        const QString words = itemText(recipe, item);
        if (item.kind == TimelineItem::Kind::Event)
            menu.addAction(tr("Edit “%1”…").arg(words), this,
                           [this, item] { (new EventDialog(m_session, item.index, window()))->open(); });
        else
            menu.addAction(tr("Rename “%1”…").arg(words), this,
                           [this, step = mark.step] { openNameDialog(m_session, step, window()); });
    }
    for (const TimelineItem item : mark.items)
        menu.addAction(tr("Delete “%1”").arg(itemText(recipe, item)), this,
                       [this, item] { removeItems(m_session, {item}); });
    if (mark.items.size() > 1)
        menu.addAction(tr("Delete all %1").arg(mark.items.size()), this,
                       [this, items = mark.items] { removeItems(m_session, items); });
    menu.addSeparator();
}

void Timeline::openMenu(std::size_t mark, std::int64_t step, QPoint global) {
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("timelineMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (mark < m_marks.size()) {
        step = m_marks[mark].step;
        addMarkActions(*menu, m_marks[mark]);
    }
    menu->addAction(step < 0 ? tr("Go to the start") : tr("Go to step %1").arg(step), this,
                    [this, step] { m_session.goTo(step); });
    if (!markAt(m_session.recipe(), step))
        menu->addAction(step < 0 ? tr("Name the start…") : tr("Name step %1…").arg(step), this,
                        [this, step] { openNameDialog(m_session, step, window()); });
    menu->addSeparator();
    menu->addAction(tr("Show fewer steps"), this, &Timeline::zoomIn)->setEnabled(m_zoomIn->isEnabled());
    menu->addAction(tr("Show more steps"), this, &Timeline::zoomOut)->setEnabled(isZoomed());
    menu->addAction(tr("Show the whole run"), this, &Timeline::showWhole)->setEnabled(isZoomed());
    menu->popup(global);
}

QString Timeline::tipAt(QPointF position) const {
    const auto isNear = [&](double place) { return std::abs(xOf(place) - position.x()) < markReach; };
    const std::int64_t step = stepAt(position.x());
    QStringList lines{step < 0 ? tr("start: the state before step 0") : tr("step %1").arg(step)};
    if (step >= 0 && step < m_session.series().length()) {
        const double surprise = m_session.series().at(ScalarQuantity::Surprise, step);
        if (m_session.series().at(ScalarQuantity::Refused, step) > 0)
            lines << tr("the layer refused this batch");
        else if (!std::isnan(surprise))
            lines << tr("surprise %1").arg(formatNumber(surprise, 3));
    }
    if (const auto differing = differingStep(); differing && isNear(static_cast<double>(*differing) + 0.5))
        lines << tr("first difference from the recording: %1")
                     .arg(placeText(*m_session.recorded().diagnosis()->first, m_session));
    if (const auto found = m_session.findings())
        for (const Finding& finding : findingsOfLane(found->list, 0))
            if (isNear(static_cast<double>(finding.step) + 0.5))
                lines << tr("since step %1: %2").arg(finding.step).arg(sentenceOf(finding));
    constexpr int mostMarks = 12;
    int left = 0;
    const std::size_t label = markAtPosition(position);
    for (const TimelineMark& mark : m_marks) {
        if (!isNear(mark.place()) && !(label < m_marks.size() && mark.isSame(m_marks[label])))
            continue;
        for (const TimelineItem item : mark.items) {
            if (lines.size() >= mostMarks)
                ++left;
            else if (item.kind == TimelineItem::Kind::Event)
                lines << tr("before step %1: %2").arg(mark.step).arg(itemText(m_session.recipe(), item));
            else
                lines << tr("step %1 is named “%2”").arg(mark.step).arg(itemText(m_session.recipe(), item));
        }
    }
    if (left > 0)
        lines << tr("and %1 more").arg(left);
    return lines.join(u'\n');
}

}  // namespace bnstudio
