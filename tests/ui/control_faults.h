// SPDX-License-Identifier: GPL-3.0-or-later
// What may be wrong with a control for those who cannot see it or have no mouse.
#pragma once

#include "ui/card_dock.h"
#include "ui/panels/timeline.h"
#include "ui/plots/plot_view.h"
#include "ui/what_is_this.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QButtonGroup>
#include <QComboBox>
#include <QHeaderView>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTabBar>
#include <QTextBrowser>
#include <QToolBar>

#include <algorithm>

namespace bnstudio {

template <class... Types>
bool isOneOf(const QObject* object) {
    return (qobject_cast<const Types*>(object) || ...);
}

/// What one can act on; the parts that Qt builds its controls of belong to their controls.
inline bool isInteractive(const QWidget* widget) {
    if (isOneOf<QScrollBar, QHeaderView>(widget) || qobject_cast<const QToolBar*>(widget->parentWidget()))
        return false;
    for (const QWidget* owner = widget->parentWidget(); owner; owner = owner->parentWidget())
        if (isOneOf<QAbstractSpinBox, QComboBox, QTabBar, QAbstractItemView, QLineEdit>(owner))
            return false;
    return isOneOf<QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit, QAbstractItemView, QAbstractSlider,
                   QPlainTextEdit, QTextBrowser, PlotView, Timeline>(widget)
           && !widget->objectName().startsWith(QLatin1String("qt_"));
}

inline QString nameOf(const QWidget* widget) {
    if (!widget->accessibleName().isEmpty())
        return widget->accessibleName();
    const auto* button = qobject_cast<const QAbstractButton*>(widget);
    return button ? button->text() : QString();
}

inline bool saysSomething(const QString& name) {
    return std::any_of(name.begin(), name.end(), [](QChar letter) { return letter.isLetterOrNumber(); });
}

/// Close buttons of docks: the View menu and the palette do the same by keys. The timeline's buttons: +, − and 0 do.
inline bool hasAnotherWayByKeys(const QWidget* widget) {
    const auto* owner = widget->parentWidget();
    while (owner && !qobject_cast<const CardDock*>(owner))
        owner = owner->parentWidget();
    const auto* button = qobject_cast<const QAbstractButton*>(widget);
    return (owner && button && button->text() == QStringLiteral("×"))
           || widget->objectName().startsWith(QLatin1String("timelineZoom"))
           || widget->objectName() == QLatin1String("commandList");  // walked through from the field
}

/// A group of which one is chosen is one tab stop, at the button that is on.
inline bool isPassedOver(const QWidget* widget) {
    const auto* button = qobject_cast<const QAbstractButton*>(widget);
    return button && button->group() && button->group()->exclusive() && !button->isChecked();
}

inline QString describeWidget(const QWidget* widget) {
    QStringList path;
    for (const QWidget* one = widget; one; one = one->parentWidget())
        if (!one->objectName().isEmpty() || one == widget)
            path.prepend(one->objectName().isEmpty() ? QLatin1String(one->metaObject()->className())
                                                     : one->objectName());
    return path.join(u'/') + QStringLiteral(" “") + nameOf(widget) + u'”';
}

/// Everything that is wrong with the controls inside @p root, a line each.
inline QStringList faults(const QWidget* root) {
    QStringList found;
    for (const auto* widget : root->findChildren<QWidget*>()) {
        if (!isInteractive(widget))
            continue;
        if (!saysSomething(nameOf(widget)))
            found << describeWidget(widget) + QStringLiteral(": no name");
        if (std::max(explanationOf(widget).size(), widget->toolTip().size()) < 12)
            found << describeWidget(widget) + QStringLiteral(": no explanation");
        if (!(widget->focusPolicy() & Qt::TabFocus) && !hasAnotherWayByKeys(widget) && !isPassedOver(widget))
            found << describeWidget(widget) + QStringLiteral(": no tab stop");
    }
    return found;
}

}  // namespace bnstudio
