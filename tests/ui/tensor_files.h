// SPDX-License-Identifier: GPL-3.0-or-later
// Files of tensors, and the browser that opens on them.
#pragma once

#include "core/io/npz_writer.h"
#include "support/interop.h"
#include "tests/ui/window_fixture.h"
#include "ui/models/tensor_tree_model.h"
#include "ui/panels/tensor_browser.h"

#include <QTreeView>

#include <limits>

namespace bnstudio::test {

/// Values first, first + 1, …
inline Tensor counting(Dims shape, double first = 0) {
    Tensor tensor(DType::Float32, std::move(shape));
    for (std::int64_t i = 0; i < tensor.size(); ++i)
        tensor.set(i, first + static_cast<double>(i));
    return tensor;
}

inline void addLayer(NpzWriter& writer, const std::string& prefix, std::int64_t features) {
    writer.add(prefix + "weight", counting({features}, 1));
    writer.add(prefix + "bias", counting({features}, -1));
    writer.add(prefix + "running_mean", counting({features}, 10));
    writer.add(prefix + "running_var", counting({features}, 1));
    Tensor counter(DType::Int64, {});
    counter.values<std::int64_t>()[0] = 7;
    writer.add(prefix + "num_batches_tracked", counter);
}

/// Two batches x.0, x.1 of (4, 3), labels, one layer of 3 features and a cube with two axes alike.
inline QString writeMixed(const QTemporaryDir& folder) {
    const QString path = folder.filePath(QStringLiteral("mixed.npz"));
    NpzWriter writer(path.toStdString());
    writer.add("x.0", counting({4, 3}));
    writer.add("x.1", counting({4, 3}, 100));
    writer.add("labels", counting({4}));
    addLayer(writer, "net.1.", 3);
    writer.add("cube", counting({6, 5, 5}));
    writer.add("wide", counting({6, 2, 5}));
    Tensor sick = counting({2, 3});
    sick.set(0, std::numeric_limits<double>::quiet_NaN());
    sick.set(1, std::numeric_limits<double>::infinity());
    writer.add("sick", sick);
    writer.commit();
    return path;
}

inline QString interopPath(const char* name) {
    return QString::fromStdString(interop::goodFile(QLatin1String(name)).string());
}

/// The row of a full name in what the tree shows.
inline QModelIndex row(TensorBrowser& browser, TensorNode::Kind kind, const char* name) {
    auto* tree = browser.findChild<QTreeView*>(QStringLiteral("browserTree"));
    const QModelIndex source = browser.model().find(kind, name);
    const auto* rows = qobject_cast<QSortFilterProxyModel*>(tree->model());
    return rows->mapFromSource(source);
}

inline void goTo(TensorBrowser& browser, TensorNode::Kind kind, const char* name) {
    browser.findChild<QTreeView*>(QStringLiteral("browserTree"))->setCurrentIndex(row(browser, kind, name));
}

inline QString cell(TensorBrowser& browser, TensorNode::Kind kind, const char* name, TensorTreeModel::Column column) {
    return browser.model().find(kind, name).siblingAtColumn(column).data().toString();
}

inline QTreeView* treeOf(TensorBrowser& browser) {
    return browser.findChild<QTreeView*>(QStringLiteral("browserTree"));
}

}  // namespace bnstudio::test
