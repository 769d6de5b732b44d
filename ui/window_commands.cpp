// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window_commands.h"

#include "ui/actions.h"
#include "ui/card_dock.h"
#include "ui/export/table_windows.h"
#include "ui/panel_round.h"
#include "ui/panels/channel_panel.h"
#include "ui/typed_commands.h"

#include <QCoreApplication>
#include <QMainWindow>
#include <QMenu>
#include <QMenuBar>
#include <QPointer>

#include <iterator>
#include <set>

namespace bnstudio {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bnstudio::WindowCommands)
};

using Seen = std::set<const QAction*>;

Command commandOf(QAction* action, const QStringList& path) {
    Command command;
    command.text = plainText(action->text());
    if (path.size() > 1)  // "iris.csv" alone would not say that it opens something
        command.text = path.back() + QStringLiteral(": ") + command.text;
    command.place = path.join(QStringLiteral(" › "));
    command.id = command.place + u'/' + plainText(action->text());
    command.keys = action->shortcut().toString(QKeySequence::NativeText);
    command.tip = action->statusTip();
    command.enabled = action->isEnabled();
    command.whyDisabled = whyDisabled(*action);
    command.run = [action = QPointer<QAction>(action)] {
        if (action)
            action->trigger();
    };
    return command;
}

void addMenu(QMenu& menu, const QStringList& path, Seen& seen, std::vector<Command>& commands) {
    emit menu.aboutToShow();  // some menus are made when they are wanted
    for (QAction* action : menu.actions()) {
        if (QMenu* inner = action->menu())
            addMenu(*inner, path + QStringList(plainText(action->text())), seen, commands);
        else if (!action->isSeparator() && action->isVisible() && seen.insert(action).second)
            commands.push_back(commandOf(action, path));
    }
}

void addPanels(QMainWindow& window, Seen& seen, std::vector<Command>& commands) {
    for (CardDock* dock : window.findChildren<CardDock*>()) {
        seen.insert(dock->toggleViewAction());  // said better below
        const QString title = dock->title();
        Command show;
        show.id = QStringLiteral("show ") + dock->objectName();
        show.text = Words::tr("Show panel: %1").arg(title);
        show.place = Words::tr("View › Panels");
        show.tip = Words::tr("Brings the panel to the front and gives it the keys.");
        show.run = [dock = QPointer<CardDock>(dock)] {
            if (dock)
                enterPanel(*dock);
        };
        commands.push_back(show);
        if (dock->isHidden())
            continue;
        Command hide;
        hide.id = QStringLiteral("hide ") + dock->objectName();
        hide.text = Words::tr("Hide panel: %1").arg(title);
        hide.place = show.place;
        hide.tip = Words::tr("Closes the panel; its neighbours get the room.");
        hide.run = [dock = QPointer<CardDock>(dock)] {
            if (dock)
                dock->close();
        };
        commands.push_back(hide);
    }
}

void addTables(QMainWindow& window, Session& session, std::vector<Command>& commands) {
    for (const ExportItem& item : TableWindows::choices(window, session)) {
        Command show;
        show.id = QStringLiteral("table ") + item.name;
        show.text = Words::tr("Show as a table: %1").arg(item.name);
        show.place = Words::tr("View › Tables");
        show.keys = item.owner ? QKeySequence(Qt::CTRL | Qt::Key_T).toString(QKeySequence::NativeText) : QString();
        show.tip = Words::tr("Opens a window with the numbers behind it, in full precision.");
        show.run = [&window, &session, item, owner = QPointer<QWidget>(item.owner), hasOwner = item.owner != nullptr] {
            if (owner || !hasOwner)
                TableWindows::show(window, session, item);
        };
        commands.push_back(show);
    }
}

void addSorting(const QMainWindow& window, std::vector<Command>& commands) {
    auto* panel = window.findChild<ChannelPanel*>();
    for (int column = 0; panel && column < channelColumnCount; ++column) {
        const auto kind = static_cast<ChannelColumn>(column);
        Command sort;
        sort.id = QStringLiteral("sort channels %1").arg(column);
        sort.text = Words::tr("Sort the channels by %1").arg(channelColumnName(kind));
        sort.place = Words::tr("Channels");
        sort.tip = channelColumnSentence(kind);
        sort.run = [panel = QPointer<ChannelPanel>(panel), kind] {
            if (panel)
                panel->sortBy(kind);
        };
        commands.push_back(sort);
    }
}

}  // namespace

std::vector<Command> windowCommands(QMainWindow& window, Session& session) {
    std::vector<Command> panels, commands;
    Seen seen;
    addPanels(window, seen, panels);
    for (QAction* action : window.menuBar()->actions())
        if (QMenu* menu = action->menu())
            addMenu(*menu, {plainText(action->text())}, seen, commands);
    addTables(window, session, commands);
    addSorting(window, commands);
    commands.insert(commands.end(), std::make_move_iterator(panels.begin()), std::make_move_iterator(panels.end()));
    for (Command& hint : typedCommandHints(session))
        commands.push_back(std::move(hint));
    return commands;
}

}  // namespace bnstudio
