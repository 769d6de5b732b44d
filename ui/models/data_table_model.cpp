// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/data_table_model.h"

#include "ui/format.h"

#include <algorithm>
#include <limits>

namespace bnstudio {

DataTableModel::DataTableModel(DataTable table, QObject* parent)
    : QAbstractTableModel(parent), m_table(std::move(table)) {}

void DataTableModel::setTable(DataTable table) {
    const int before = rowCount();
    if (table.columns != m_table.columns || table.rows < before) {
        beginResetModel();
        m_table = std::move(table);
        endResetModel();
        return;
    }
    const std::int64_t rows = std::exchange(table.rows, m_table.rows);
    m_table = std::move(table);
    if (rows > before) {
        beginInsertRows({}, before, static_cast<int>(rows) - 1);
        m_table.rows = rows;
        endInsertRows();
    }
    if (before > 0)
        emit dataChanged(index(0, 0), index(before - 1, columnCount() - 1));
}

int DataTableModel::rowCount(const QModelIndex& parent) const {
    constexpr std::int64_t most = std::numeric_limits<int>::max();
    return parent.isValid() ? 0 : static_cast<int>(std::min(m_table.rows, most));
}

int DataTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_table.columns.size());
}

QString DataTableModel::textAt(std::int64_t row, int column) const {
    const QVariant value = m_table.cell(row, column);
    const bool isReal = value.typeId() == QMetaType::Double || value.typeId() == QMetaType::Float;
    return isReal ? formatExact(value.toDouble()) : value.toString();
}

QVariant DataTableModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    if (role == Qt::DisplayRole)
        return textAt(index.row(), index.column());
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | Qt::AlignRight));
    return {};
}

QVariant DataTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    return m_table.columns[section];
}

QString DataTableModel::tabSeparated(std::int64_t first, std::int64_t end) const {
    QString text = m_table.columns.join(u'\t') + u'\n';
    for (std::int64_t row = first; row < end; ++row)
        for (int column = 0; column < columnCount(); ++column)
            text += textAt(row, column) + (column + 1 < columnCount() ? u'\t' : u'\n');
    return text;
}

}  // namespace bnstudio
