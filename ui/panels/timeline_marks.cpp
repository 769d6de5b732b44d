// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/timeline_marks.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

using Kind = TimelineMark::Kind;

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bnstudio::TimelineMark)
};

constexpr double labelGap = 4.5, betweenLabels = 8, leastElided = 44;

/// The most telling items of a group in words: names first, then events.
QString wordsOf(const MarkGroup& group, const std::vector<TimelineMark>& marks, const Recipe& recipe) {
    std::vector<TimelineItem> items;
    for (const Kind kind : {Kind::Name, Kind::Events})
        for (std::size_t i = group.first; i < group.last; ++i)
            if (marks[i].kind == kind)
                items.insert(items.end(), marks[i].items.begin(), marks[i].items.end());
    if (items.empty())
        return Words::tr("start");
    QString words = itemText(recipe, items.front());
    std::size_t said = 1;
    if (items.size() > 1 && items[0].kind == TimelineItem::Kind::Mark && items[1].kind == TimelineItem::Kind::Event) {
        words += QStringLiteral(" · ") + itemText(recipe, items[1]);
        said = 2;
    }
    return items.size() > said ? Words::tr("%1 +%2").arg(words).arg(items.size() - said) : words;
}

int priority(const MarkGroup& group, const std::vector<TimelineMark>& marks) {
    int best = 0;
    for (std::size_t i = group.first; i < group.last; ++i)
        best = std::max(best, marks[i].kind == Kind::Name ? 2 : marks[i].kind == Kind::Events ? 1 : 0);
    return group.selected ? 3 : best;
}

}  // namespace

double TimelineMark::place() const {
    return kind == Kind::Name && step >= 0 ? static_cast<double>(step) + 0.5
                                           : static_cast<double>(std::max<std::int64_t>(step, 0));
}

std::vector<TimelineMark> timelineMarks(const Recipe& recipe) {
    std::vector<TimelineMark> marks{{Kind::Start, -1, {}}};
    for (const TimelineItem item : timelineItems(recipe)) {
        const Kind kind = item.kind == TimelineItem::Kind::Event ? Kind::Events : Kind::Name;
        const std::int64_t step = stepOf(recipe, item);
        if (kind == Kind::Name || !marks.back().isSame({kind, step, {}}))
            marks.push_back({kind, step, {}});
        marks.back().items.push_back(item);
    }
    return marks;
}

void MarkLayout::arrange(const std::vector<TimelineMark>& marks, const Recipe& recipe, const Place& xOf, QRectF row,
                         const QFontMetricsF& metrics, std::size_t selected) {
    group(marks, xOf, row, selected);
    std::vector<std::size_t> order(m_groups.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return priority(m_groups[a], marks) > priority(m_groups[b], marks);
    });
    for (const std::size_t i : order) {
        MarkGroup& group = m_groups[i];
        const auto [right, left] = roomBeside(group, row);
        if (std::max(right, left) >= leastElided / 2)  // else the words are not even made
            label(group, wordsOf(group, marks, recipe), row, metrics);
    }
}

void MarkLayout::group(const std::vector<TimelineMark>& marks, const Place& xOf, QRectF row, std::size_t selected) {
    m_groups.clear();
    for (std::size_t i = 0; i < marks.size(); ++i) {
        const double x = xOf(marks[i].place());
        if (x < row.left() - halfWidth || x > row.right() + halfWidth)
            continue;
        if (m_groups.empty() || x - m_groups.back().right >= 2 * halfWidth || m_groups.back().last != i)
            m_groups.push_back({i, i, x, x, false, {}, {}});
        m_groups.back().last = i + 1;
        m_groups.back().right = x;
        m_groups.back().selected = m_groups.back().selected || i == selected;
    }
}

std::pair<double, double> MarkLayout::roomBeside(const MarkGroup& group, QRectF row) const {
    const double from = group.right + halfWidth + labelGap, to = group.left - halfWidth - labelGap;
    double right = row.right(), left = row.left();
    const auto avoid = [&](double low, double high) {
        if (low >= group.right)
            right = std::min(right, low - betweenLabels);
        if (high <= group.left)
            left = std::max(left, high + betweenLabels);
    };
    for (const MarkGroup& other : m_groups) {
        if (&other == &group)
            continue;
        avoid(other.left - halfWidth, other.right + halfWidth);
        if (!other.label.isNull())
            avoid(other.label.left(), other.label.right());
    }
    return {right - from, to - left};
}

void MarkLayout::label(MarkGroup& group, const QString& words, QRectF row, const QFontMetricsF& metrics) {
    const double width = std::ceil(metrics.horizontalAdvance(words)) + 1;
    const auto [right, left] = roomBeside(group, row);
    const double from = group.right + halfWidth + labelGap, to = group.left - halfWidth - labelGap;
    const auto put = [&](double x, double labelWidth, const QString& text) {
        group.text = text;
        group.label = QRectF(x, row.top(), labelWidth, row.height());
    };
    if (width <= right)
        put(from, width, words);
    else if (width <= left)
        put(to - width, width, words);
    else if (right >= leastElided && right >= left)
        put(from, right, metrics.elidedText(words, Qt::ElideRight, right));
    else if (left >= leastElided)
        put(to - left, left, metrics.elidedText(words, Qt::ElideRight, left));
}

}  // namespace bnstudio
