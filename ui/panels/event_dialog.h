// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QDialog>

class QComboBox;
class QDialogButtonBox;
class QLabel;
class QLineEdit;

namespace bnstudio {

class ActionFields;
class FormRows;

/// Edits one event of the recipe: its step, its lane where there are several, and the values of its action. OK is
/// enabled as long as the recipe would be valid. Deletes itself when it is closed.
class EventDialog : public QDialog {
    Q_OBJECT
public:
    EventDialog(Session& session, std::size_t index, QWidget* parent = nullptr);
    ~EventDialog() override;

private:
    Event read() const;
    void check();
    void commit();

    Session& m_session;
    const Event m_event;  ///< as it was
    const std::size_t m_index;
    QLineEdit* m_step = nullptr;
    QComboBox* m_lane = nullptr;  ///< null with one lane
    FormRows* m_rows = nullptr;
    QLabel* m_note = nullptr;
    QDialogButtonBox* m_buttons = nullptr;
    std::unique_ptr<ActionFields> m_fields;
};

/// Asks for the name of a step and stores it; an empty text takes the name away.
void openNameDialog(Session& session, std::int64_t step, QWidget* parent);

}  // namespace bnstudio
