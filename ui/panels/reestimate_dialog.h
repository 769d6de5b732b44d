// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/reestimate.h"
#include "ui/session/session.h"

#include <QDialog>

class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QSpinBox;

namespace bnstudio {

class BackgroundTask;
class SampleTableModel;

/// Running statistics anew from one pass over the batches of the present run, beside the old ones; to save or to start
/// from. Deletes itself when it is closed.
class ReestimateDialog : public QDialog {
    Q_OBJECT
public:
    /// @p prefix stands before the keys of the layer in its model: "net.1.".
    ReestimateDialog(Session& session, const QString& prefix, QWidget* parent = nullptr);
    ~ReestimateDialog() override;
    /// Writes the new buffers; a refusal is said in the dialog.
    void saveTo(const QString& path);

private:
    QWidget* makeSettings();
    QWidget* makeResult();
    QWidget* makeButtons();
    void compute();
    void stop();
    void showResult();
    void chooseAndSave();
    void useAsStart();
    void refreshButtons();

    Session& m_session;
    const Recipe m_recipe;  ///< when the dialog opened
    const LayerState m_before;
    std::optional<Reestimated> m_result;
    BackgroundTask* m_task = nullptr;
    QSpinBox* m_batches;
    QLineEdit* m_prefix;
    QLabel* m_note;
    QProgressBar* m_progress;
    SampleTableModel* m_table;
    QLineEdit* m_line;
    QPushButton *m_compute = nullptr, *m_save = nullptr, *m_use = nullptr, *m_copy = nullptr;
};

}  // namespace bnstudio
