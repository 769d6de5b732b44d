// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QStringList>

#include <vector>

namespace bnstudio {

/// A column of numbers, one a channel.
struct ValueColumn {
    QString title;
    std::vector<double> values;
};

/// Numbers to edit, a row for each channel; columns have equal lengths. A text that is no number is refused.
class ValueTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    ValueTableModel(QStringList rowNames, std::vector<ValueColumn> columns, QObject* parent = nullptr);
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;

    const std::vector<double>& values(int column) const {
        return m_columns.at(static_cast<std::size_t>(column)).values;
    }

signals:
    /// A typed text was no number.
    void refused(const QString& sentence);

private:
    QStringList m_rowNames;
    std::vector<ValueColumn> m_columns;
};

}  // namespace bnstudio
