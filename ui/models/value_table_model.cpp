// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/value_table_model.h"

#include "ui/format.h"

namespace bnstudio {

ValueTableModel::ValueTableModel(QStringList rowNames, std::vector<ValueColumn> columns, QObject* parent)
    : QAbstractTableModel(parent), m_rowNames(std::move(rowNames)), m_columns(std::move(columns)) {}

int ValueTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || m_columns.empty() ? 0 : static_cast<int>(m_columns.front().values.size());
}

int ValueTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant ValueTableModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | Qt::AlignRight));
    if (role != Qt::DisplayRole && role != Qt::EditRole)
        return {};
    return formatExact(values(index.column())[static_cast<std::size_t>(index.row())]);
}

QVariant ValueTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (role != Qt::DisplayRole || section < 0)
        return {};
    if (orientation == Qt::Horizontal)
        return section < columnCount() ? QVariant(m_columns[static_cast<std::size_t>(section)].title) : QVariant();
    return section < m_rowNames.size() ? m_rowNames[section] : QString::number(section);
}

Qt::ItemFlags ValueTableModel::flags(const QModelIndex& index) const {
    return QAbstractTableModel::flags(index) | (index.isValid() ? Qt::ItemIsEditable : Qt::NoItemFlags);
}

bool ValueTableModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (role != Qt::EditRole || !checkIndex(index, CheckIndexOption::IndexIsValid))
        return false;
    double number = 0;
    if (!parseNumber(value.toString(), number)) {
        emit refused(tr("“%1” is not a number; expected one like 0.5 or 1e-3.").arg(value.toString()));
        return false;
    }
    m_columns[static_cast<std::size_t>(index.column())].values[static_cast<std::size_t>(index.row())] = number;
    emit dataChanged(index, index);
    return true;
}

}  // namespace bnstudio
