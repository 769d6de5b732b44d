// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/cell_editor.h"

#include <QFocusEvent>
#include <QKeyEvent>

namespace bnstudio {

void CellEditor::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        emit committed();
        return;
    case Qt::Key_Escape:
        emit abandoned(true);
        return;
    default:
        QLineEdit::keyPressEvent(event);
    }
}

void CellEditor::focusOutEvent(QFocusEvent* event) {
    QLineEdit::focusOutEvent(event);
    if (event->reason() != Qt::PopupFocusReason)  // its own menu
        emit abandoned(false);
}

}  // namespace bnstudio
