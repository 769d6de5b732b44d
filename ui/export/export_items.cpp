// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/export/export_items.h"

#include "ui/export/csv_file.h"
#include "ui/export/panel_tables.h"
#include "ui/export/widget_drawing.h"
#include "ui/plots/plot_view.h"
#include "ui/theme.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QTableView>

namespace bnstudio {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("ExportItems", text);
}

ExportItem itemOf(QWidget& widget, const QString& name) {
    ExportItem item;
    item.name = name;
    item.owner = &widget;
    item.size = widget.size();
    item.keepsShape = true;
    item.drawing = [&widget](const Palette&) { return drawingOf(widget); };
    return item;
}

ExportItem itemOf(PlotView& view) {
    ExportItem item;
    item.name = view.title();
    item.owner = &view;
    if (view.isVisible())
        item.size = view.pictureSize();
    item.drawing = [&view](const Palette& palette) { return view.drawing(palette); };
    item.takesColours = true;
    item.table = [&view] { return view.table(); };
    return item;
}

void addTable(std::vector<ExportItem>& items, const QString& name, QWidget* owner, std::function<DataTable()> table) {
    ExportItem item;
    item.name = name;
    item.owner = owner;
    item.table = std::move(table);
    items.push_back(std::move(item));
}

}  // namespace

QString ExportItem::fileName() const {
    static const QRegularExpression others(QStringLiteral("[^\\p{L}\\p{N}_]+"));
    QString word = name.toLower();
    word.replace(others, QStringLiteral("-"));
    while (word.endsWith(u'-'))
        word.chop(1);
    return word.isEmpty() ? QStringLiteral("picture") : word;
}

std::vector<ExportItem> exportItems(QWidget& window, Session& session) {
    std::vector<ExportItem> items;
    items.push_back(itemOf(window, tr("The whole window")));
    for (QWidget* widget : window.findChildren<QWidget*>())
        if (widget->inherits("bnstudio::FlowPanel") && widget->isVisible()) {
            items.push_back(itemOf(*widget, tr("The flow")));
            items.back().table = [&session] { return flowTable(session); };
        }
    for (PlotView* view : window.findChildren<PlotView*>())
        items.push_back(itemOf(*view));
    for (const char* name : {"channelTable", "eventsTable"}) {
        if (auto* view = window.findChild<QTableView*>(QLatin1String(name)))
            addTable(items, view->accessibleName(), view, [view] { return tableOf(*view->model(), false); });
    }
    if (auto* timeline = window.findChild<QWidget*>(QStringLiteral("timeline")))
        addTable(items, timeline->accessibleName(), timeline, [&session] { return timelineTable(session); });
    addTable(items, tr("Findings"), nullptr, [&session] { return findingsTable(session); });
    addTable(items, tr("Calculation"), nullptr, [&session] { return calculationTable(session); });
    return items;
}

}  // namespace bnstudio
