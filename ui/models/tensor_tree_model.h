// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/health_queue.h"
#include "ui/models/tensor_tree.h"

#include <QAbstractItemModel>
#include <QSortFilterProxyModel>

namespace bnstudio {

/// The tree of a file's tensors: what each is, and what it can be used for by checking it. Any number of batches can be
/// checked, and one layer. Values are looked at when a row is first drawn.
class TensorTreeModel : public QAbstractItemModel {
    Q_OBJECT
public:
    enum Column { Name, Type, Shape, Size, Values, Use, ColumnCount };
    explicit TensorTreeModel(const FileContents& contents, QObject* parent = nullptr);
    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& child) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& = {}) const override { return ColumnCount; }
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

    const TensorNode& node(const QModelIndex& index) const;
    /// The first row with this full name, kind Tensor, Family or Layer; invalid when there is none.
    QModelIndex find(TensorNode::Kind kind, const std::string& name) const;
    std::vector<const TensorNode*> checkedBatches() const;
    const TensorNode* checkedLayer() const;
    /// Checks this row and takes the check from all others of its kind.
    void checkOnly(const QModelIndex& index);
    /// No values are being looked at.
    bool isIdle() const { return m_health->isIdle(); }

signals:
    void checksChanged();

private:
    QString text(const TensorNode& node, int column) const;
    QString useText(const TensorNode& node) const;
    QString valuesText(TensorNode& node) const;
    void setChecked(TensorNode& node, bool on);
    QModelIndex indexOf(const TensorNode& node, int column = 0) const;
    template <class Visit>
    void forEach(const Visit& visit) const;

    std::unique_ptr<TensorNode> m_root;
    HealthQueue* m_health;
};

/// Rows whose full name holds the typed text, with what is above and below them.
class TensorFilterModel : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit TensorFilterModel(TensorTreeModel& model, QObject* parent = nullptr);
    void setText(const QString& text);
    /// Whether the row itself holds the text, not one above or below it.
    bool matches(const QModelIndex& row) const { return holdsText(m_model.node(mapToSource(row))); }

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    bool holdsText(const TensorNode& node) const;

    TensorTreeModel& m_model;
    QString m_text;
};

}  // namespace bnstudio
