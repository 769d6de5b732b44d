// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/channel_columns.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

#include <vector>

namespace bnstudio {

/// One row a channel of the displayed step. A new step keeps the rows: only dataChanged is emitted, for the rows that
/// somebody looks at; other readers get the new numbers when they ask.
class ChannelTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    explicit ChannelTableModel(Session& session, QObject* parent = nullptr);
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

    std::optional<double> number(int row, int column) const;
    /// The given cells as tab-separated lines in full precision below a line of column names.
    QString tabSeparated(const std::vector<int>& rows, const std::vector<int>& columns) const;
    /// Says that these rows show other numbers now.
    void announceRows(const std::vector<int>& rows);

private:
    void takeShape();
    QString tooltip(int row, ChannelColumn column) const;

    Session& m_session;
    int m_rows = 0;
};

/// Sorts by value; rows without a number and NaN come last in both directions.
class ChannelSortModel : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit ChannelSortModel(ChannelTableModel& model, QObject* parent = nullptr);
    /// Sorts again after the numbers changed.
    void resort();

protected:
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    ChannelTableModel& m_model;
};

}  // namespace bnstudio
