// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/file_use.h"
#include "ui/models/audit_model.h"

#include <QDialog>

class QComboBox;
class QLabel;
class QLineEdit;
class QSortFilterProxyModel;
class QPushButton;
class QTableView;

namespace bnstudio {

class BackgroundTask;
class SampleTableModel;

/// Every batch-norm layer of a model: what is suspicious about it, the worst first, its values, and the way to load one
/// as the start state. Deletes itself when it is closed.
class LayerAuditDialog : public QDialog {
    Q_OBJECT
public:
    LayerAuditDialog(std::shared_ptr<const FileContents> contents, std::vector<LayerAudit> layers,
                     std::int64_t presentChannels, QWidget* parent = nullptr);
    ~LayerAuditDialog() override;

signals:
    void chosen(const bnstudio::FileUse& use);
    void browserRequested();

protected:
    void accept() override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeList();
    QWidget* makeDetails();
    QWidget* makeButtons();
    void showCurrent();
    void readValues(const FoundLayer& layer);
    void stop();
    /// The layer of the current row; null when the filter left none.
    const LayerAudit* current() const;

    std::shared_ptr<const FileContents> m_contents;
    std::int64_t m_presentChannels;
    AuditModel* m_model;
    QSortFilterProxyModel* m_rows;
    QTableView* m_table;
    QLineEdit* m_filter;
    QLabel* m_title;
    QLabel* m_findings;
    SampleTableModel* m_values;
    QComboBox* m_data;
    QPushButton* m_load = nullptr;
    BackgroundTask* m_task = nullptr;
};

}  // namespace bnstudio
