// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <vector>

namespace bnstudio {

/// What the user put on the timeline: an event of the recipe, or a named step.
struct TimelineItem {
    enum class Kind { Event, Mark };
    Kind kind = Kind::Event;
    std::size_t index = 0;  ///< in Recipe::events or Recipe::marks
    bool operator==(const TimelineItem&) const = default;
};

/// All of them by step; at one step the events come first, since they act before it.
std::vector<TimelineItem> timelineItems(const Recipe& recipe);
std::int64_t stepOf(const Recipe& recipe, TimelineItem item);
/// "momentum 0.3 → 0.1", or the name of the step.
QString itemText(const Recipe& recipe, TimelineItem item);

// Edits of the recipe, each of them one entry of the undo list. Steps after the first one that differs are recomputed.

/// Moves an item to @p step, or to the next free step beyond it where the same thing is set already: nothing is lost on
/// the way. Moves with the same @p mergeId become one as in Session::edit. Returns where the item is now.
TimelineItem moveItem(Session& session, TimelineItem item, std::int64_t step, int mergeId = -1);
void removeItems(Session& session, const std::vector<TimelineItem>& items);
/// Puts @p event in place of event number @p index.
void replaceEvent(Session& session, std::size_t index, const Event& event);
/// Names a step; an empty name takes the name away.
void nameStep(Session& session, std::int64_t step, const QString& name);

}  // namespace bnstudio
