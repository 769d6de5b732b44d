// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/file_use.h"

#include <QDialog>

class QComboBox;
class QDialogButtonBox;
class QLabel;
class QLineEdit;
class QModelIndex;
class QTreeView;

namespace bnstudio {

class TensorFilterModel;
class TensorPreview;
class TensorTreeModel;

/// What is in a file of several tensors, and what to use of it: batches, the state of a layer, or both. Deletes itself
/// when it is closed.
class TensorBrowser : public QDialog {
    Q_OBJECT
public:
    /// @p presentChannels: of the run in the window, to which batches can be added.
    TensorBrowser(std::shared_ptr<const FileContents> contents, std::int64_t presentChannels,
                  QWidget* parent = nullptr);
    TensorTreeModel& model() { return *m_model; }

signals:
    void chosen(const bnstudio::FileUse& use);
    void auditRequested();

protected:
    void accept() override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeTree();
    QWidget* makeChoices();
    void checkFirst();
    void showCurrent(const QModelIndex& row);
    void useRow(const QModelIndex& row);
    void filter(const QString& text);
    void refreshChoices();
    void refreshSentence();
    FileUse use() const;
    /// Why the choice cannot be opened; empty when it can.
    QString obstacle(const FileUse& use) const;
    QString sentence(const FileUse& use) const;

    std::shared_ptr<const FileContents> m_contents;
    std::int64_t m_presentChannels;
    TensorTreeModel* m_model;
    TensorFilterModel* m_rows;
    QTreeView* m_tree;
    QLineEdit* m_filter;
    TensorPreview* m_preview;
    QLabel* m_sentence;
    QLabel* m_doubt;
    QLabel* m_axesLabel;
    QComboBox* m_data;
    QComboBox* m_axes;
    QDialogButtonBox* m_buttons;
};

}  // namespace bnstudio
