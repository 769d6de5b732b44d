// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/sample_table_model.h"

#include "ui/format.h"
#include "ui/theme.h"

#include <cmath>

namespace bnstudio {

void SampleTableModel::setSample(TensorSample sample) {
    beginResetModel();
    m_sample = std::move(sample);
    endResetModel();
}

int SampleTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_sample.rows.size());
}

int SampleTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_sample.columns.size());
}

QVariant SampleTableModel::data(const QModelIndex& index, int role) const {
    const auto at = static_cast<std::size_t>(index.row()) * static_cast<std::size_t>(m_sample.columns.size())
                    + static_cast<std::size_t>(index.column());
    if (!index.isValid() || at >= m_sample.values.size())
        return {};
    const double value = m_sample.values[at];
    switch (role) {
    case Qt::DisplayRole:
        return formatNumber(value, 4);
    case Qt::EditRole:
        return value;
    case Qt::ToolTipRole:
        return formatExact(value);
    case Qt::TextAlignmentRole:
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    case Qt::ForegroundRole:
        return std::isfinite(value) ? QVariant() : QVariant(colors().warningText);
    default:
        return {};
    }
}

QVariant SampleTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    return (orientation == Qt::Horizontal ? m_sample.columns : m_sample.rows).value(section);
}

}  // namespace bnstudio
