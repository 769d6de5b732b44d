// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of the table of actions as the QActions of a window.
#include "ui/actions.h"

#include <QCoreApplication>
#include <QMenu>
#include <QWidget>

namespace bnstudio {

namespace {

QString translated(const char* text) {
    return QCoreApplication::translate("Actions", text);
}

constexpr const char* whyDisabledProperty = "whyDisabled";

}  // namespace

QString plainText(const QString& actionText) {
    QString text = actionText;
    text.remove(u'&');
    if (text.endsWith(u'…'))
        text.chop(1);
    return text;
}

QString whyDisabled(const QAction& action) {
    return action.isEnabled() ? QString() : action.property(whyDisabledProperty).toString();
}

Actions::Actions(QWidget* window) {
    for (const ActionSpec& spec : actionTable()) {
        auto* action = new QAction(translated(spec.text), window);
        action->setShortcuts(spec.keys);
        const QString tip = translated(spec.tip);
        action->setToolTip(
            spec.keys.isEmpty()
                ? tip
                : tip + QStringLiteral("  (%1)").arg(spec.keys.front().toString(QKeySequence::NativeText)));
        action->setWhatsThis(tip);
        action->setStatusTip(tip);
        action->setObjectName(plainText(QString::fromUtf8(spec.text)));
        if (*spec.whyDisabled)
            action->setProperty(whyDisabledProperty, translated(spec.whyDisabled));
        window->addAction(action);
        m_actions[spec.id] = action;
    }
}

void Actions::connectTo(ActionId id, const std::function<void()>& slot) const {
    QObject::connect(m_actions.at(id), &QAction::triggered, m_actions.at(id), [slot] { slot(); });
}

void Actions::fill(QMenu* menu, const char* title) const {
    for (const ActionSpec& spec : actionTable()) {
        if (qstrcmp(spec.menu, title) != 0)
            continue;
        if (spec.separatorBefore && !menu->isEmpty())
            menu->addSeparator();
        menu->addAction(m_actions.at(spec.id));
    }
}

}  // namespace bnstudio
