// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/export/table_windows.h"

#include "ui/plots/plot_table.h"
#include "ui/plots/plot_view.h"
#include "ui/session/session.h"

#include <QKeyEvent>
#include <QMainWindow>
#include <QTableView>

#include <algorithm>

namespace bnstudio {

TableWindows::TableWindows(QMainWindow& window, Session& session)
    : QObject(&window), m_window(window), m_session(session) {
    for (QWidget* widget : window.findChildren<QWidget*>())
        if (widget->inherits("bnstudio::FlowPanel") || widget->inherits("bnstudio::Timeline"))
            widget->installEventFilter(this);
}

bool TableWindows::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::KeyPress)
        return false;
    const auto* press = static_cast<QKeyEvent*>(event);
    if (press->key() != Qt::Key_T || press->modifiers() != Qt::ControlModifier)
        return false;
    for (const ExportItem& item : choices(m_window, m_session))
        if (item.owner == watched)
            show(m_window, m_session, item);
    return true;
}

std::vector<ExportItem> TableWindows::choices(QMainWindow& window, Session& session) {
    std::vector<ExportItem> items = exportItems(window, session);
    std::erase_if(items,
                  [](const ExportItem& item) { return !item.table || qobject_cast<const QTableView*>(item.owner); });
    return items;
}

void TableWindows::show(QMainWindow& window, Session& session, const ExportItem& item) {
    if (auto* plot = qobject_cast<PlotView*>(item.owner))
        return plot->showTable();
    const auto words = [owner = item.owner] {
        auto* spoken = dynamic_cast<Spoken*>(owner);
        return spoken ? spoken->spokenDescription() : QString();
    };
    auto* table = new PlotTable({[name = item.name] { return name; }, words, item.table}, window);
    connect(&session, &Session::changed, table, &PlotTable::refresh);
    table->show();
}

}  // namespace bnstudio
