// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QObject>
#include <QString>

#include <functional>

class QMainWindow;
class QMenu;
class QWidget;

namespace bnstudio {

class CardDock;
class Session;

/// Where a dock stands in the first layout, seen from one that comes before it in the table.
enum class DockPlace { First, RightOf, Below, TabBehind };

/// A panel as a dock makes use of it.
struct DockContent {
    QWidget* widget = nullptr;
    QString title;
    QWidget* header = nullptr;  ///< moves into the title bar; may be null
    bool scrolls = false;       ///< content higher than the dock gets a scroll bar
    QString tab;                ///< a shorter title for the tab; may be empty
};

/// A row of the table: everything there is to say about a dock. Adding a dock is adding a row.
struct DockSpec {
    const char* name;  ///< object name, by which layouts are saved
    DockPlace place;
    const char* neighbour;  ///< name of the dock that `place` refers to
    std::function<DockContent(Session&)> make;
};
const QList<DockSpec>& dockTable();

/// The docks of a window: made from the table, arranged, saved and restored.
class Docks {
public:
    Docks(QMainWindow& window, Session& session);
    CardDock* operator[](const char* name) const;
    /// All docks at their first places. Sizes follow once the window has its own.
    void arrange();
    /// Sizes of the first layout for the window's present size.
    void resizeToWindow();
    /// An entry a dock, to show and hide it.
    void fillMenu(QMenu* menu) const;
    const QList<CardDock*>& all() const { return m_docks; }
    bool contains(const QString& name) const { return names().contains(name); }
    /// Opens every closed dock where it was last, or closes all but some.
    void showAll();
    void showOnly(const QStringList& names);
    /// What to begin with: few enough to understand.
    QStringList firstNames() const;
    void save() const;
    /// False when there is no saved layout, or it is one of other docks.
    bool restore();

private:
    QStringList names() const;

    QMainWindow& m_window;
    QList<CardDock*> m_docks;  ///< in the order of the table
};

}  // namespace bnstudio
