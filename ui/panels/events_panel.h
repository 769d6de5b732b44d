// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QWidget>

class QPushButton;
class QTableView;

namespace bnstudio {

class EventsModel;

/// The recipe's events as a list: go to one, delete some.
class EventsPanel : public QWidget {
    Q_OBJECT
public:
    explicit EventsPanel(Session& session, QWidget* parent = nullptr);

public slots:
    /// Removes the selected events as one undoable edit.
    void deleteSelected();
    /// Moves the playhead to the current event's step.
    void goToSelected();

private:
    void enableButtons();

    Session& m_session;
    EventsModel* m_model = nullptr;
    QTableView* m_table = nullptr;
    QPushButton* m_delete = nullptr;
    QPushButton* m_go = nullptr;
};

}  // namespace bnstudio
