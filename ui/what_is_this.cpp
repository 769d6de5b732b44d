// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/what_is_this.h"

#include <QApplication>
#include <QWhatsThis>
#include <QWidget>

namespace bnstudio {

QString explanationOf(const QWidget* widget) {
    for (; widget; widget = widget->parentWidget())
        if (!widget->whatsThis().isEmpty())
            return widget->whatsThis();
    return {};
}

void explainFocus() {
    QWidget* focus = QApplication::focusWidget();
    const QString words = explanationOf(focus);
    if (words.isEmpty())
        QWhatsThis::enterWhatsThisMode();
    else
        QWhatsThis::showText(focus->mapToGlobal(QPoint(focus->width() / 2, focus->height() / 2)), words, focus);
}

}  // namespace bnstudio
