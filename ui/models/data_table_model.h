// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/data_table.h"

#include <QAbstractTableModel>

namespace bnstudio {

/// A DataTable for a table view: numbers as their shortest exact text, empty cells where there is no value.
class DataTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    explicit DataTableModel(DataTable table, QObject* parent = nullptr);
    /// Another content. Rows that come or go at the end leave what a view shows where it is.
    void setTable(DataTable table);
    const DataTable& table() const { return m_table; }
    /// Cells as text for spreadsheets, with a line of column names: columns parted by tabs. Rows from first up to, not
    /// with, end.
    QString tabSeparated(std::int64_t first, std::int64_t end) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QString textAt(std::int64_t row, int column) const;
    DataTable m_table;
};

}  // namespace bnstudio
