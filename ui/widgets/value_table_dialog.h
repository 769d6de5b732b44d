// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/value_table_model.h"
#include "ui/session/session.h"

#include <QDialog>

class QLabel;
class QTableView;

namespace bnstudio {

/// A table of numbers, one row a channel, to edit, copy and paste. Deletes itself when it is closed.
class ValueTableDialog : public QDialog {
    Q_OBJECT
public:
    ValueTableDialog(const QString& title, const Session& session, std::vector<ValueColumn> columns,
                     QWidget* parent = nullptr);
    const std::vector<double>& values(std::size_t column) const { return m_model->values(static_cast<int>(column)); }

public slots:
    /// The selected cells as tab-separated text.
    void copy();
    /// One number fills the selected cells; a block goes from the current cell right and down.
    void paste();

private:
    void pasteBlock(const QStringList& lines);

    ValueTableModel* m_model;
    QTableView* m_table;
    QLabel* m_note;
};

}  // namespace bnstudio
