// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/events_model.h"

#include "ui/models/event_text.h"

#include <algorithm>

namespace bnstudio {

EventsModel::EventsModel(Session& session, QObject* parent)
    : QAbstractTableModel(parent), m_session(session), m_rows(readRows()) {
    connect(&session, &Session::changed, this, [this](Changes changes) {
        if (changes & Change::Recipe)
            refresh();
    });
}

std::vector<EventsModel::Row> EventsModel::readRows() const {
    const Recipe& recipe = m_session.recipe();
    const QStringList texts = eventTexts(recipe);
    std::vector<Row> rows;
    for (const TimelineItem item : timelineItems(recipe)) {
        const bool isEvent = item.kind == TimelineItem::Kind::Event;
        rows.push_back(
            {item, stepOf(recipe, item), isEvent ? eventLaneText(recipe, recipe.events[item.index]) : QString(),
             isEvent ? texts[static_cast<qsizetype>(item.index)] : tr("named “%1”").arg(itemText(recipe, item))});
    }
    return rows;
}

void EventsModel::refresh() {
    std::vector<Row> rows = readRows();
    if (rows == m_rows)
        return;
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
}

int EventsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int EventsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant EventsModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    if (role == Qt::ToolTipRole)
        return row.item.kind == TimelineItem::Kind::Event
                   ? tr("Acts before step %1. Enter or a double click edits it, Delete takes it out of the recipe.")
                         .arg(row.step)
                   : tr("The name of step %1. Enter or a double click changes it, Delete takes it away.").arg(row.step);
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(
            Qt::Alignment(Qt::AlignVCenter | (index.column() == Step ? Qt::AlignRight : Qt::AlignLeft)));
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Step:
        return QString::number(row.step);
    case Lane:
        return row.lane;
    default:
        return row.what;
    }
}

QVariant EventsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(
            Qt::Alignment(Qt::AlignVCenter | (section == Step ? Qt::AlignRight : Qt::AlignLeft)));
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Step:
        return tr("step");
    case Lane:
        return tr("lane");
    default:
        return tr("event");
    }
}

int EventsModel::rowOf(TimelineItem item) const {
    const auto found = std::find_if(m_rows.begin(), m_rows.end(), [&](const Row& row) { return row.item == item; });
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

void EventsModel::remove(const std::vector<int>& rows) {
    std::vector<TimelineItem> items;
    for (const int row : rows)
        items.push_back(itemAt(row));
    removeItems(m_session, items);
}

}  // namespace bnstudio
