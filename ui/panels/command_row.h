// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace bnstudio {

/// Paints a row of the command palette: the command with the letters that fit in bold and its keys, and below, quietly,
/// where the menus have it and what it does.
class CommandRow : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    static int height();
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {200, height()}; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}  // namespace bnstudio
