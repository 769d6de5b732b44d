// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/timeline_item.h"

#include "ui/models/event_text.h"

#include <QCoreApplication>

#include <algorithm>

namespace bnstudio {
namespace {

using Kind = TimelineItem::Kind;

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bnstudio::TimelineItem)
};

std::ptrdiff_t offset(std::size_t index) {
    return static_cast<std::ptrdiff_t>(index);
}

/// Inserts without replacing anything; false where another event of that step would have to go.
bool insertBeside(Recipe& recipe, const Event& event) {
    const std::size_t before = recipe.events.size();
    insertEvent(recipe, event);
    return recipe.events.size() > before;
}

TimelineItem whereIs(const Recipe& recipe, const Event& event) {
    const auto behind = std::upper_bound(recipe.events.begin(), recipe.events.end(), event.step,
                                         [](std::int64_t step, const Event& other) { return step < other.step; });
    // An event that was inserted is the last one of its step.
    return {Kind::Event, static_cast<std::size_t>(std::max(behind - recipe.events.begin() - 1, std::ptrdiff_t{0}))};
}

TimelineItem whereIs(const Recipe& recipe, std::int64_t markedStep) {
    const StepMark* mark = markAt(recipe, markedStep);
    return {Kind::Mark, mark ? static_cast<std::size_t>(mark - recipe.marks.data()) : 0};
}

TimelineItem moveEvent(Session& session, std::size_t index, std::int64_t step, int mergeId) {
    const Recipe& recipe = session.recipe();
    Event event = recipe.events.at(index);
    const std::int64_t direction = step < event.step ? -1 : 1;
    const QString text = eventText(recipe, index);
    Recipe without = recipe;
    without.events.erase(without.events.begin() + offset(index));
    for (event.step = std::max<std::int64_t>(step, 0); event.step >= 0; event.step += direction) {
        Recipe next = without;
        if (!insertBeside(next, event))
            continue;
        session.edit(Words::tr("Move “%1” to step %2").arg(text).arg(event.step), std::move(next), mergeId);
        return whereIs(session.recipe(), event);
    }
    return {Kind::Event, index};
}

TimelineItem moveMark(Session& session, std::size_t index, std::int64_t step, int mergeId) {
    Recipe next = session.recipe();
    const StepMark mark = next.marks.at(index);
    const std::int64_t direction = step < mark.step ? -1 : 1;
    next.marks.erase(next.marks.begin() + offset(index));
    step = std::max<std::int64_t>(step, -1);
    while (step >= -1 && markAt(next, step))
        step += direction;
    if (step < -1)
        return {Kind::Mark, index};
    setMark(next, step, mark.name);
    session.edit(Words::tr("Move “%1” to step %2").arg(QString::fromStdString(mark.name)).arg(step), std::move(next),
                 mergeId);
    return whereIs(session.recipe(), step);
}

QString removalText(const Recipe& recipe, const std::vector<TimelineItem>& items) {
    if (items.size() == 1)
        return Words::tr("Delete “%1”").arg(itemText(recipe, items.front()));
    const bool onlyEvents =
        std::all_of(items.begin(), items.end(), [](TimelineItem item) { return item.kind == Kind::Event; });
    const int count = static_cast<int>(items.size());
    return onlyEvents ? Words::tr("Delete %n events", nullptr, count) : Words::tr("Delete %n entries", nullptr, count);
}

}  // namespace

std::vector<TimelineItem> timelineItems(const Recipe& recipe) {
    std::vector<TimelineItem> items;
    for (std::size_t i = 0; i < recipe.events.size(); ++i)
        items.push_back({Kind::Event, i});
    for (std::size_t i = 0; i < recipe.marks.size(); ++i)
        items.push_back({Kind::Mark, i});
    std::stable_sort(items.begin(), items.end(),
                     [&](TimelineItem a, TimelineItem b) { return stepOf(recipe, a) < stepOf(recipe, b); });
    return items;
}

std::int64_t stepOf(const Recipe& recipe, TimelineItem item) {
    return item.kind == Kind::Event ? recipe.events.at(item.index).step : recipe.marks.at(item.index).step;
}

QString itemText(const Recipe& recipe, TimelineItem item) {
    return item.kind == Kind::Event ? eventText(recipe, item.index)
                                    : QString::fromStdString(recipe.marks.at(item.index).name);
}

TimelineItem moveItem(Session& session, TimelineItem item, std::int64_t step, int mergeId) {
    if (step == stepOf(session.recipe(), item))
        return item;
    return item.kind == Kind::Event ? moveEvent(session, item.index, step, mergeId)
                                    : moveMark(session, item.index, step, mergeId);
}

void removeItems(Session& session, const std::vector<TimelineItem>& items) {
    std::vector<TimelineItem> descending = items;
    std::sort(descending.begin(), descending.end(),
              [](TimelineItem a, TimelineItem b) { return std::pair(a.kind, a.index) > std::pair(b.kind, b.index); });
    descending.erase(std::unique(descending.begin(), descending.end()), descending.end());
    if (descending.empty())
        return;
    Recipe next = session.recipe();
    for (const TimelineItem item : descending) {
        if (item.kind == Kind::Event)
            next.events.erase(next.events.begin() + offset(item.index));
        else
            next.marks.erase(next.marks.begin() + offset(item.index));
    }
    session.edit(removalText(session.recipe(), descending), std::move(next));
}

void replaceEvent(Session& session, std::size_t index, const Event& event) {
    Recipe next = session.recipe();
    const Event old = next.events.at(index);
    if (old.step == event.step && old.lane == event.lane) {
        next.events[index] = event;  // keeps its place among the events of the step
    } else {
        next.events.erase(next.events.begin() + offset(index));
        insertEvent(next, event);
    }
    session.edit(Words::tr("Change “%1”").arg(eventText(session.recipe(), index)), std::move(next));
}

void nameStep(Session& session, std::int64_t step, const QString& name) {
    const QString trimmed = name.simplified();
    Recipe next = session.recipe();
    setMark(next, step, trimmed.toStdString());
    session.edit(trimmed.isEmpty() ? Words::tr("Take the name of step %1 away").arg(step)
                                   : Words::tr("Name step %1 “%2”").arg(step).arg(trimmed),
                 std::move(next));
}

}  // namespace bnstudio
