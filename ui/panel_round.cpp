// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panel_round.h"

#include "ui/card_dock.h"
#include "ui/docks.h"

#include <QApplication>
#include <QMainWindow>
#include <QToolBar>

#include <algorithm>

namespace bnstudio {

namespace {

bool takesKeys(const QWidget& widget) {
    return (widget.focusPolicy() & Qt::TabFocus) && widget.isEnabled();
}

/// The first control of a panel in the order of Tab; null when it has none.
QWidget* firstControl(const QWidget& panel) {
    for (QWidget* widget = panel.nextInFocusChain(); widget && widget != &panel; widget = widget->nextInFocusChain())
        if (panel.isAncestorOf(widget) && takesKeys(*widget) && widget->isVisibleTo(&panel))
            return widget;
    return nullptr;
}

/// The contents of a dock come before the tools in its title bar.
QWidget* entryOf(const QWidget& panel) {
    const auto* dock = qobject_cast<const QDockWidget*>(&panel);
    QWidget* inside = dock ? firstControl(*dock->widget()) : nullptr;
    return inside ? inside : firstControl(panel);
}

bool isInFront(const QWidget& dock) {
    return dock.isVisible() && !dock.visibleRegion().isEmpty();
}

/// Docks whose left edges lie this close form a column.
constexpr int columnSlack = 40;

bool comesBefore(const QWidget* a, const QWidget* b) {
    const QPoint one = a->mapToGlobal(QPoint()), other = b->mapToGlobal(QPoint());
    return std::abs(one.x() - other.x()) > columnSlack ? one.x() < other.x() : one.y() < other.y();
}

/// In the order of the table, since that of the window's children changes with every dock that comes to the front.
QList<CardDock*> docksOf(const QMainWindow& window) {
    QList<CardDock*> docks;
    for (const DockSpec& spec : dockTable())
        if (auto* dock = window.findChild<CardDock*>(QLatin1String(spec.name)))
            docks << dock;
    return docks;
}

QList<QWidget*> barsOf(const QMainWindow& window) {
    QList<QWidget*> bars;
    for (auto* bar : window.findChildren<QToolBar*>())
        if (bar->isVisible() && firstControl(*bar))
            bars << bar;
    std::sort(bars.begin(), bars.end(), [](const QWidget* a, const QWidget* b) { return a->y() < b->y(); });
    return bars;
}

}  // namespace

QList<QWidget*> panelRound(const QMainWindow& window) {
    QList<QWidget*> front;
    const QList<CardDock*> docks = docksOf(window);
    for (CardDock* dock : docks)
        if (isInFront(*dock))
            front << dock;
    // Left edges within the slack of each other need not be transitive; insertion keeps that harmless.
    QList<QWidget*> sorted;
    for (QWidget* dock : front)
        sorted.insert(std::find_if(sorted.begin(), sorted.end(),
                                   [dock](const QWidget* other) { return comesBefore(dock, other); }),
                      dock);
    QList<QWidget*> round = barsOf(window);
    for (QWidget* dock : sorted) {
        if (round.contains(dock))
            continue;
        const auto tabs = window.tabifiedDockWidgets(static_cast<CardDock*>(dock));
        for (CardDock* one : docks)
            if (one == dock || (tabs.contains(one) && !one->isHidden()))
                round << one;
    }
    return round;
}

void enterPanel(QWidget& panel) {
    panel.show();
    panel.raise();
    QWidget* last = panel.focusWidget();
    QWidget* control = last && takesKeys(*last) && panel.isAncestorOf(last) ? last : entryOf(panel);
    (control ? control : &panel)->setFocus(Qt::ShortcutFocusReason);
}

void enterNextPanel(const QMainWindow& window, bool forward) {
    const QList<QWidget*> round = panelRound(window);
    if (round.isEmpty())
        return;
    const QWidget* focus = QApplication::focusWidget();
    const auto here = std::find_if(round.begin(), round.end(), [focus](const QWidget* panel) {
        return focus && (panel == focus || panel->isAncestorOf(focus));
    });
    const qsizetype count = round.size();
    const qsizetype place = here == round.end() ? (forward ? -1 : count) : here - round.begin();
    enterPanel(*round[(place + (forward ? 1 : -1) + count) % count]);
}

}  // namespace bnstudio
