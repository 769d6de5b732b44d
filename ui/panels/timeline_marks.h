// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/timeline_item.h"

#include <QFontMetricsF>

#include <functional>

namespace bnstudio {

/// A mark under the track: the start, the events before a step, or the name of a step.
struct TimelineMark {
    enum class Kind { Start, Events, Name };
    Kind kind = Kind::Start;
    std::int64_t step = 0;
    std::vector<TimelineItem> items;  ///< one event or more, one name, none for the start
    /// Events act before their step and stand at its left edge, names in its middle.
    double place() const;
    bool isSame(const TimelineMark& other) const { return kind == other.kind && step == other.step; }
};
/// From left to right.
std::vector<TimelineMark> timelineMarks(const Recipe& recipe);

/// Marks too close to each other to be told apart, with the words that stand beside them.
struct MarkGroup {
    std::size_t first = 0, last = 0;  ///< marks first … last − 1
    double left = 0, right = 0;       ///< pixels of its first and last mark
    bool selected = false;
    QString text;  ///< as placed: whole, elided, or empty where there is no room
    QRectF label;  ///< null where there is no room
};

/// Groups the marks between two pixels and gives them labels that touch neither each other nor any mark. Where there is
/// no room on the right of a mark its label goes to the left, is elided, or is left out; the selected mark comes first,
/// then names, then events.
class MarkLayout {
public:
    using Place = std::function<double(double step)>;
    void arrange(const std::vector<TimelineMark>& marks, const Recipe& recipe, const Place& xOf, QRectF row,
                 const QFontMetricsF& metrics, std::size_t selected);
    const std::vector<MarkGroup>& groups() const { return m_groups; }
    static constexpr std::size_t nothing = static_cast<std::size_t>(-1);
    static constexpr double halfWidth = 4.5;  ///< of a mark, in pixels

private:
    void group(const std::vector<TimelineMark>& marks, const Place& xOf, QRectF row, std::size_t selected);
    void label(MarkGroup& group, const QString& words, QRectF row, const QFontMetricsF& metrics);
    /// Free pixels on the right and on the left of a group.
    std::pair<double, double> roomBeside(const MarkGroup& group, QRectF row) const;

    std::vector<MarkGroup> m_groups;
};

}  // namespace bnstudio
