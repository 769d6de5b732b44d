// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/focus_keys.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QComboBox>
#include <QKeyEvent>

namespace bnstudio {

namespace {

bool needsKey(const QObject* control, int key) {
    switch (key) {
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Home:
    case Qt::Key_End:
        return qobject_cast<const QAbstractItemView*>(control) || qobject_cast<const QAbstractSlider*>(control);
    case Qt::Key_Space:
        return qobject_cast<const QAbstractItemView*>(control) || qobject_cast<const QAbstractButton*>(control)
               || qobject_cast<const QComboBox*>(control);
    default:
        return false;
    }
}

}  // namespace

bool FocusKeys::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride) {
        const auto* press = static_cast<QKeyEvent*>(event);
        const bool plain = (press->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier;
        if (plain && needsKey(watched, press->key())) {
            event->accept();
            return true;
        }
    }
    return QObject::eventFilter(watched, event);
}

}  // namespace bnstudio
