// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/tensor_tree_model.h"

#include "ui/theme.h"

#include <QLocale>

#include <functional>

namespace bnstudio {

namespace {

using Kind = TensorNode::Kind;

std::int64_t bytesOf(const TensorNode& node) {
    std::int64_t bytes = 0;
    for (const auto& tensor : node.tensors)
        bytes += byteSizeOf(*tensor);
    return bytes;
}

bool isRight(int column) {
    return column == TensorTreeModel::Size;
}

}  // namespace

TensorTreeModel::TensorTreeModel(const FileContents& contents, QObject* parent)
    : QAbstractItemModel(parent), m_root(makeTensorTree(contents)), m_health(new HealthQueue(this)) {
    connect(m_health, &HealthQueue::ready, this,
            [this](quintptr key, const TensorHealth& health, const QString& error) {
                auto* node = reinterpret_cast<TensorNode*>(key);
                node->health = health;
                node->healthError = error;
                const QModelIndex cell = indexOf(*node, Values);
                emit dataChanged(cell, cell);
            });
}

// --- structure -----------------------------------------------------------------------------------------------------

const TensorNode& TensorTreeModel::node(const QModelIndex& index) const {
    return index.isValid() ? *static_cast<const TensorNode*>(index.internalPointer()) : *m_root;
}

QModelIndex TensorTreeModel::indexOf(const TensorNode& node, int column) const {
    return &node == m_root.get() ? QModelIndex() : createIndex(node.row, column, const_cast<TensorNode*>(&node));
}

QModelIndex TensorTreeModel::index(int row, int column, const QModelIndex& parent) const {
    const TensorNode& above = node(parent);
    if (row < 0 || row >= static_cast<int>(above.children.size()) || column < 0 || column >= ColumnCount)
        return {};
    return createIndex(row, column, above.children[static_cast<std::size_t>(row)].get());
}

QModelIndex TensorTreeModel::parent(const QModelIndex& child) const {
    return child.isValid() ? indexOf(*node(child).parent) : QModelIndex();
}

int TensorTreeModel::rowCount(const QModelIndex& parent) const {
    return parent.column() > 0 ? 0 : static_cast<int>(node(parent).children.size());
}

template <class Visit>
void TensorTreeModel::forEach(const Visit& visit) const {
    const std::function<void(TensorNode&)> descend = [&](TensorNode& node) {
        for (const auto& child : node.children) {
            visit(*child);
            descend(*child);
        }
    };
    descend(*m_root);
}

QModelIndex TensorTreeModel::find(Kind kind, const std::string& name) const {
    QModelIndex found;
    forEach([&](const TensorNode& node) {
        if (!found.isValid() && node.kind == kind && node.name == name)
            found = indexOf(node);
    });
    return found;
}

// --- cells ---------------------------------------------------------------------------------------------------------

QString TensorTreeModel::useText(const TensorNode& node) const {
    if (node.kind == Kind::Refused)
        return tr("refused: %1").arg(node.global);
    if (node.layer) {
        QStringList parts{tr("batch norm"), tr("%1 features").arg(node.layer->numFeatures)};
        if (!node.layer->affine)
            parts << tr("no weight and bias");
        if (!node.layer->counted)
            parts << tr("no counter");
        return parts.join(QStringLiteral(" · "));
    }
    if (!node.batches)
        return node.kind == Kind::Family ? tr("%1 tensors").arg(node.tensors.size()) : QString();
    if (node.kind == Kind::Family)
        return tr("%1 batches").arg(node.tensors.size());
    return tr("batches");
}

// Asked for when a row is drawn, which is what makes it lazy.
QString TensorTreeModel::valuesText(TensorNode& node) const {
    if (node.tensors.empty() || node.kind == Kind::Layer)
        return {};
    if (!node.healthError.isEmpty())
        return tr("not readable");
    if (node.health)
        return healthText(*node.health);
    if (!std::exchange(node.healthAsked, true))
        m_health->request(reinterpret_cast<quintptr>(&node), node.tensors);
    return QStringLiteral("…");
}

QString TensorTreeModel::text(const TensorNode& node, int column) const {
    const bool hasTensor = !node.tensors.empty() && node.kind != Kind::Layer;
    switch (column) {
    case Name:
        return node.label;
    case Type:
        return hasTensor ? QString::fromUtf8(bnstudio::name(node.tensors.front()->dtype())) : QString();
    case Shape:
        return hasTensor ? shapesText(node.tensors) : QString();
    case Size:
        return hasTensor ? QLocale::c().formattedDataSize(bytesOf(node), 1) : QString();
    case Values:
        return valuesText(const_cast<TensorNode&>(node));
    default:
        return useText(node);
    }
}

QVariant TensorTreeModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const TensorNode& row = node(index);
    switch (role) {
    case Qt::DisplayRole:
        return text(row, index.column());
    case Qt::ToolTipRole:
        if (index.column() == Values && !row.healthError.isEmpty())
            return row.healthError;
        return index.column() == Name ? QString::fromStdString(row.name) : text(row, index.column());
    case Qt::CheckStateRole:
        if (index.column() == Name && row.isCheckable())
            return row.isChecked ? Qt::Checked : Qt::Unchecked;
        return {};
    case Qt::TextAlignmentRole:
        return QVariant(Qt::AlignVCenter | (isRight(index.column()) ? Qt::AlignRight : Qt::AlignLeft));
    case Qt::ForegroundRole:
        if (row.kind == Kind::Refused || (index.column() == Values && row.health && isSick(*row.health)))
            return colors().warningText;
        if (index.column() == Use && row.layer)
            return colors().runningText;
        if (index.column() == Use && row.batches)
            return colors().batchText;
        return index.column() == Name ? colors().text : colors().mutedText;
    case Qt::FontRole:
        return row.isCheckable() && index.column() == Name ? Theme::instance().boldFont() : QVariant();
    default:
        return {};
    }
}

QVariant TensorTreeModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::AlignVCenter | (isRight(section) ? Qt::AlignRight : Qt::AlignLeft));
    if (role != Qt::DisplayRole)
        return {};
    const QString titles[] = {tr("Name"), tr("dtype"), tr("Shape"), tr("Size"), tr("Values"), tr("Can be used as")};
    return titles[section];
}

Qt::ItemFlags TensorTreeModel::flags(const QModelIndex& index) const {
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable;
    if (index.column() == Name && node(index).isCheckable())
        flags |= Qt::ItemIsUserCheckable;
    return flags;
}

// --- checks --------------------------------------------------------------------------------------------------------

bool TensorTreeModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (role != Qt::CheckStateRole || !node(index).isCheckable())
        return false;
    auto& row = const_cast<TensorNode&>(node(index));
    const bool on = value.toInt() == Qt::Checked;
    if (row.layer && on)
        return checkOnly(index), true;
    setChecked(row, on);
    emit checksChanged();
    return true;
}

void TensorTreeModel::checkOnly(const QModelIndex& index) {
    const TensorNode& wanted = node(index);
    if (!wanted.isCheckable())
        return;
    forEach([&](TensorNode& other) {
        if (other.isCheckable() && other.layer.has_value() == wanted.layer.has_value())
            setChecked(other, &other == &wanted);
    });
    emit checksChanged();
}

void TensorTreeModel::setChecked(TensorNode& row, bool on) {
    if (std::exchange(row.isChecked, on) == on)
        return;
    const QModelIndex cell = indexOf(row);
    emit dataChanged(cell, cell, {Qt::CheckStateRole});
}

std::vector<const TensorNode*> TensorTreeModel::checkedBatches() const {
    std::vector<const TensorNode*> checked;
    forEach([&](const TensorNode& row) {
        if (row.isChecked && row.batches)
            checked.push_back(&row);
    });
    return checked;
}

const TensorNode* TensorTreeModel::checkedLayer() const {
    const TensorNode* checked = nullptr;
    forEach([&](const TensorNode& row) {
        if (row.isChecked && row.layer)
            checked = &row;
    });
    return checked;
}

// --- filter --------------------------------------------------------------------------------------------------------

TensorFilterModel::TensorFilterModel(TensorTreeModel& model, QObject* parent)
    : QSortFilterProxyModel(parent), m_model(model) {
    setSourceModel(&model);
    setRecursiveFilteringEnabled(true);
    setAutoAcceptChildRows(true);
}

void TensorFilterModel::setText(const QString& text) {
    m_text = text.trimmed();
    invalidateFilter();
}

bool TensorFilterModel::filterAcceptsRow(int row, const QModelIndex& parent) const {
    return holdsText(m_model.node(m_model.index(row, 0, parent)));
}

bool TensorFilterModel::holdsText(const TensorNode& node) const {
    return QString::fromStdString(node.name).contains(m_text, Qt::CaseInsensitive)
           || node.label.contains(m_text, Qt::CaseInsensitive) || node.global.contains(m_text, Qt::CaseInsensitive);
}

}  // namespace bnstudio
