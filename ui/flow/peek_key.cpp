// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/peek_key.h"

#include "ui/session/session.h"

#include <QAbstractSpinBox>
#include <QApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTextEdit>

namespace bnstudio {

namespace {

bool takesText(const QWidget* widget) {
    return qobject_cast<const QLineEdit*>(widget) || qobject_cast<const QAbstractSpinBox*>(widget)
           || qobject_cast<const QTextEdit*>(widget) || qobject_cast<const QPlainTextEdit*>(widget);
}

}  // namespace

PeekKey::PeekKey(Session& session, QWidget& inside) : QObject(&inside), m_session(session), m_inside(inside) {
    qApp->installEventFilter(this);
}

bool PeekKey::isMeant(const QKeyEvent& event) const {
    return event.key() == Qt::Key_E && (event.modifiers() & ~Qt::ShiftModifier) == Qt::NoModifier;
}

bool PeekKey::eventFilter(QObject* watched, QEvent* event) {
    const auto* widget = qobject_cast<const QWidget*>(watched);
    if (!widget || widget->window() != m_inside.window())
        return false;
    switch (event->type()) {
    case QEvent::KeyPress:
        if (!isMeant(*static_cast<QKeyEvent*>(event)) || takesText(widget) || !m_session.shown().frame)
            return false;
        m_session.setPeeking(true);
        return true;
    case QEvent::KeyRelease: {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->key() != Qt::Key_E || !m_session.isPeeking())
            return false;
        if (!key->isAutoRepeat())
            m_session.setPeeking(false);
        return true;
    }
    case QEvent::WindowDeactivate:
        m_session.setPeeking(false);
        return false;
    default:
        return false;
    }
}

}  // namespace bnstudio
