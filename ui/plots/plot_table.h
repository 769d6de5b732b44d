// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/data_table.h"

#include <QDialog>

class QTableView;

namespace bnstudio {

class DataTableModel;

/// Something painted: its name, what it shows in words, and its numbers, each as it is when it is asked for.
struct TableSource {
    std::function<QString()> title, words;
    std::function<DataTable()> table;
};

/// The numbers behind a picture in a window of their own. For readers who cannot see the picture, and for whoever wants
/// a number of it. Whoever opens it calls refresh() when the picture changes.
class PlotTable : public QDialog {
    Q_OBJECT
public:
    PlotTable(TableSource source, QWidget& picture);

public slots:
    void refresh();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void copySelection();
    void copyAll();

    const TableSource m_source;
    DataTableModel* m_model;
    QTableView* m_table;
};

}  // namespace bnstudio
