// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/timeline_item.h"

#include <QAbstractTableModel>
#include <QStringList>

#include <vector>

namespace bnstudio {

/// The events of the recipe in the order in which they act, and the named steps between them: step, lane, what.
class EventsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Step, Lane, What, ColumnCount };
    explicit EventsModel(Session& session, QObject* parent = nullptr);
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

    std::int64_t stepAt(int row) const { return m_rows.at(static_cast<std::size_t>(row)).step; }
    TimelineItem itemAt(int row) const { return m_rows.at(static_cast<std::size_t>(row)).item; }
    /// −1 when there is no such row.
    int rowOf(TimelineItem item) const;
    /// Takes these rows out of the recipe as one undoable edit.
    void remove(const std::vector<int>& rows);

private:
    struct Row {
        TimelineItem item;
        std::int64_t step = 0;
        QString lane, what;
        bool operator==(const Row&) const = default;
    };
    std::vector<Row> readRows() const;
    void refresh();

    Session& m_session;
    std::vector<Row> m_rows;
};

}  // namespace bnstudio
