// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/blank_screen.h"

#include <QEvent>
#include <QPainter>

namespace bnstudio {

BlankScreen::BlankScreen(QWidget& window) : QWidget(&window), m_focusBefore(window.focusWidget()) {
    setObjectName(QStringLiteral("blankScreen"));
    setAccessibleName(tr("Blank screen; any key returns"));
    setFocusPolicy(Qt::StrongFocus);
    setGeometry(window.rect());
    window.installEventFilter(this);
    show();
    raise();
    setFocus(Qt::OtherFocusReason);
}

bool BlankScreen::event(QEvent* event) {
    switch (event->type()) {
    case QEvent::ShortcutOverride:
        event->accept();  // else the key would do what it usually does
        return true;
    case QEvent::KeyPress:
    case QEvent::MouseButtonPress:
        end();
        return true;
    default:
        return QWidget::event(event);
    }
}

void BlankScreen::end() {
    hide();
    if (m_focusBefore)
        m_focusBefore->setFocus(Qt::OtherFocusReason);
    deleteLater();
}

void BlankScreen::paintEvent(QPaintEvent*) {
    QPainter(this).fillRect(rect(), Qt::black);
}

bool BlankScreen::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Resize)
        setGeometry(static_cast<QWidget*>(watched)->rect());
    return false;
}

}  // namespace bnstudio
