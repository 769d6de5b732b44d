// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/recording_text.h"

#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;
class QStandardItemModel;
class QTableView;

namespace bnstudio {

class Session;

/// What comparing a recorded training with PyTorch's rule says: the verdict in a sentence, the first difference as a
/// link that goes there, the deviations of every quantity, and the explanations that were tried.
class RecordingPanel : public QWidget {
    Q_OBJECT
public:
    explicit RecordingPanel(Session& session, QWidget* parent = nullptr);
    /// Shows the step and the channel of a check in the plots.
    void goTo(const TraceCheck& check);

private:
    QTableView* makeTable(QStandardItemModel* model, const char* id, const QString& name, const QString& sentence);
    void refresh();
    void showProgress();
    void showFile();
    void showVerdict();
    void showFirst();
    void showTables();
    void paintVerdict();

    Session& m_session;
    QLabel* m_empty;
    QLabel* m_file;
    QWidget* m_work;
    QLabel* m_doing;
    QProgressBar* m_progress;
    QPushButton* m_cancel;
    QPushButton* m_again;
    QLabel* m_verdict;
    QLabel* m_link;
    QLabel* m_numbers;
    QLabel* m_advice;
    QLabel* m_deviationsTitle;
    QTableView* m_deviations;
    QLabel* m_explanationsTitle;
    QTableView* m_explanations;
    QLabel* m_notes;
    std::vector<DeviationRow> m_rows;  ///< of the table of deviations
    std::shared_ptr<const TraceDiagnosis> m_shown;
};

}  // namespace bnstudio
