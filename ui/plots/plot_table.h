// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QTableView;

namespace bnstudio {

class DataTableModel;
class PlotView;

/// The numbers behind a plot in a window of their own, which follows the plot while it is open. For readers who cannot
/// see the picture, and for whoever wants a number of it.
class PlotTable : public QDialog {
    Q_OBJECT
public:
    explicit PlotTable(PlotView& plot);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void refresh();
    void copySelection();
    void copyAll();

    PlotView& m_plot;
    DataTableModel* m_model;
    QTableView* m_table;
};

}  // namespace bnstudio
