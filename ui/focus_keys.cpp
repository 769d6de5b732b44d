// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/focus_keys.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QContextMenuEvent>
#include <QCoreApplication>
#include <QKeyEvent>
#include <QMainWindow>
#include <QScrollArea>
#include <QScrollBar>

namespace bnstudio {

namespace {

bool needsKey(const QObject* control, int key) {
    switch (key) {
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Home:
    case Qt::Key_End:
        return qobject_cast<const QAbstractItemView*>(control) || qobject_cast<const QAbstractSlider*>(control);
    case Qt::Key_Escape:  // see giveKeysBack
        return qobject_cast<const QAbstractItemView*>(control);
    case Qt::Key_Space:
        return qobject_cast<const QAbstractItemView*>(control) || qobject_cast<const QAbstractButton*>(control)
               || qobject_cast<const QComboBox*>(control);
    default:
        return false;
    }
}

/// The control when the wheel would edit its value; a scroll bar only scrolls.
QWidget* editedByWheel(QObject* control) {
    const bool edits = qobject_cast<QComboBox*>(control) || qobject_cast<QAbstractSpinBox*>(control)
                       || (qobject_cast<QAbstractSlider*>(control) && !qobject_cast<QScrollBar*>(control));
    return edits ? static_cast<QWidget*>(control) : nullptr;
}

bool isInScrollArea(const QWidget* widget) {
    for (const QWidget* owner = widget->parentWidget(); owner; owner = owner->parentWidget())
        if (qobject_cast<const QScrollArea*>(owner))
            return true;
    return false;
}

/// Esc that no control wanted arrives at the window: its keys are the window's again.
bool giveKeysBack(QObject* watched, const QKeyEvent& press) {
    auto* window = qobject_cast<QMainWindow*>(watched);
    QWidget* focus = window && press.key() == Qt::Key_Escape ? window->focusWidget() : nullptr;
    if (!focus || focus == window)
        return false;
    window->setFocus(Qt::OtherFocusReason);
    return true;
}

/// Shift+F10 opens the context menu as the Menu key does, which many keyboards lack.
bool openContextMenu(QObject* watched, const QKeyEvent& press) {
    auto* widget = qobject_cast<QWidget*>(watched);
    if (!widget || !widget->hasFocus() || press.key() != Qt::Key_F10 || press.modifiers() != Qt::ShiftModifier)
        return false;
    const QPoint place = widget->inputMethodQuery(Qt::ImCursorRectangle).toRect().center();
    QContextMenuEvent wanted(QContextMenuEvent::Keyboard, place, widget->mapToGlobal(place));
    QCoreApplication::sendEvent(widget, &wanted);
    return true;
}

}  // namespace

bool FocusKeys::eventFilter(QObject* watched, QEvent* event) {
    switch (event->type()) {
    case QEvent::ShortcutOverride:
        return filterKey(watched, event);
    case QEvent::KeyPress: {
        const auto& press = *static_cast<QKeyEvent*>(event);
        return giveKeysBack(watched, press) || openContextMenu(watched, press);
    }
    case QEvent::Wheel:
        return filterWheel(watched, event);
    case QEvent::Polish:
        // The wheel must not bring the focus either, with which it would then be allowed to edit.
        if (QWidget* control = editedByWheel(watched); control && control->focusPolicy() == Qt::WheelFocus)
            control->setFocusPolicy(Qt::StrongFocus);
        return false;
    default:
        return false;
    }
}

bool FocusKeys::filterKey(QObject* watched, QEvent* event) {
    const auto* press = static_cast<QKeyEvent*>(event);
    const bool plain = (press->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier;
    if (!plain || !needsKey(watched, press->key()))
        return false;
    event->accept();
    return true;
}

bool FocusKeys::filterWheel(QObject* watched, QEvent* event) {
    const QWidget* control = editedByWheel(watched);
    if (!control || (control->hasFocus() && !isInScrollArea(control)))
        return false;
    // An event that is ignored goes on to the parent and so reaches the scroll area.
    event->ignore();
    return true;
}

}  // namespace bnstudio
