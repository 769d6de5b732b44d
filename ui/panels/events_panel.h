// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QWidget>

#include <functional>

class QAction;
class QKeySequence;
class QPushButton;
class QTableView;

namespace bnstudio {

class EventsModel;

/// The recipe's events and named steps as a list: go to one, edit it, move it, delete some.
class EventsPanel : public QWidget {
    Q_OBJECT
public:
    explicit EventsPanel(Session& session, QWidget* parent = nullptr);

public slots:
    /// Removes the selected rows as one undoable edit.
    void deleteSelected();
    /// Moves the playhead to the current row's step.
    void goToSelected();
    /// Opens the editor of the current event, or asks for the name of the current step.
    void editSelected();
    /// Moves the current row by so many steps; moves that follow each other quickly are one edit.
    void moveSelected(int steps);

private:
    QAction* addTableAction(const QString& text, const QKeySequence& key, const std::function<void()>& slot);
    void enableButtons();

    Session& m_session;
    EventsModel* m_model = nullptr;
    QTableView* m_table = nullptr;
    QPushButton* m_delete = nullptr;
    QPushButton* m_go = nullptr;
    QPushButton* m_edit = nullptr;
    QPushButton* m_earlier = nullptr;
    QPushButton* m_later = nullptr;
};

}  // namespace bnstudio
