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
    std::vector<Row> rows;
    for (std::size_t i = 0; i < recipe.events.size(); ++i)
        rows.push_back({recipe.events[i].step, eventLaneText(recipe, recipe.events[i]), eventText(recipe, i)});
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
        return tr("Acts before step %1. Double-click goes there, Delete takes it out of the recipe.").arg(row.step);
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

void EventsModel::remove(const std::vector<int>& rows) {
    if (rows.empty())
        return;
    std::vector<int> descending = rows;
    std::sort(descending.rbegin(), descending.rend());
    descending.erase(std::unique(descending.begin(), descending.end()), descending.end());
    const QString text = descending.size() == 1
                             ? tr("Delete “%1”").arg(m_rows.at(static_cast<std::size_t>(descending.front())).what)
                             : tr("Delete %n events", nullptr, static_cast<int>(descending.size()));
    Recipe next = m_session.recipe();
    for (const int row : descending)
        next.events.erase(next.events.begin() + row);
    m_session.edit(text, std::move(next));
}

}  // namespace bnstudio
