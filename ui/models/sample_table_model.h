// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/tensor_sample.h"

#include <QAbstractTableModel>

namespace bnstudio {

/// The values of a sample as a table to read.
class SampleTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    explicit SampleTableModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
    void setSample(TensorSample sample);
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    TensorSample m_sample;
};

}  // namespace bnstudio
