// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/layer_audit.h"

#include <QAbstractTableModel>

namespace bnstudio {

/// One row a batch-norm layer, the most suspicious first.
class AuditModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Layer, Features, Suspicion, Findings, ColumnCount };
    explicit AuditModel(std::vector<LayerAudit> layers, QObject* parent = nullptr)
        : QAbstractTableModel(parent), m_layers(std::move(layers)) {}
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& = {}) const override { return ColumnCount; }
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    const LayerAudit& layer(int row) const { return m_layers.at(static_cast<std::size_t>(row)); }
    int suspiciousCount() const;

private:
    std::vector<LayerAudit> m_layers;
};

/// "net.1", or words for a layer that is the whole file.
QString layerName(const FoundLayer& layer);
/// A few words for a kind of finding: "negative variance".
QString suspicionText(Suspicion kind);

}  // namespace bnstudio
