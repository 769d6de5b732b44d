// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers behind a plot as a table, and the plot in words.
#include "ui/plots/plot_table.h"

#include "ui/format.h"
#include "ui/models/data_table_model.h"
#include "ui/plots/plot_view.h"
#include "ui/widgets/introduce.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace bnstudio {

PlotTable::PlotTable(TableSource source, QWidget& picture)
    : QDialog(picture.window()),
      m_source(std::move(source)),
      m_model(new DataTableModel(m_source.table(), this)),
      m_table(new QTableView) {
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("plotTable"));
    introduce(m_table, "plotTableView", tr("Numbers of the plot"),
              tr("The numbers that the plot draws, in full precision; Ctrl+C copies the selected rows."));
    m_table->setToolTip({});
    m_table->setModel(m_model);
    m_table->installEventFilter(this);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setTabKeyNavigation(false);
    m_table->setCornerButtonEnabled(false);
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setHighlightSections(false);
    auto* copy = new QAction(tr("Copy"), m_table);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    m_table->addAction(copy);
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    introduce(buttons->button(QDialogButtonBox::Close), "closePlotTable", tr("Close"), tr("Back to the window."));
    QPushButton* all = buttons->addButton(tr("Copy all"), QDialogButtonBox::ActionRole);
    introduce(all, "copyPlotTable", tr("Copy all"),
              tr("Copies all rows and the names of the columns, for a spreadsheet."));
    auto* column = new QVBoxLayout(this);
    column->addWidget(m_table, 1);
    column->addWidget(buttons);
    connect(copy, &QAction::triggered, this, &PlotTable::copySelection);
    connect(all, &QPushButton::clicked, this, &PlotTable::copyAll);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(&picture, &QObject::destroyed, this, &QDialog::close);
    refresh();
    m_table->resizeColumnsToContents();
    m_table->setCurrentIndex(m_model->index(0, 0));
    resize(std::clamp(m_table->horizontalHeader()->length() + 60, 340, 900), 460);
}

void PlotTable::refresh() {
    setWindowTitle(tr("Numbers of “%1”").arg(m_source.title()));
    m_table->setAccessibleDescription(m_source.words());
    m_model->setTable(m_source.table());
}

/// By itself the view would copy the current cell only.
bool PlotTable::eventFilter(QObject* watched, QEvent* event) {
    if (watched != m_table || event->type() != QEvent::KeyPress
        || !static_cast<QKeyEvent*>(event)->matches(QKeySequence::Copy))
        return QDialog::eventFilter(watched, event);
    copySelection();
    return true;
}

void PlotTable::copySelection() {
    QString text;
    for (const QItemSelectionRange& range : m_table->selectionModel()->selection()) {
        const QString rows = m_model->tabSeparated(range.top(), range.bottom() + 1);
        text += text.isEmpty() ? rows : rows.mid(rows.indexOf(u'\n') + 1);  // the names once
    }
    QApplication::clipboard()->setText(text);
}

void PlotTable::copyAll() {
    QApplication::clipboard()->setText(m_model->tabSeparated(0, m_model->rowCount()));
}

void PlotView::showTable() {
    auto* window = new PlotTable(
        {[this] { return title(); }, [this] { return spokenDescription(); }, [this] { return table(); }}, *this);
    connect(this, &PlotView::refreshed, window, &PlotTable::refresh);
    window->show();
}

// --- in words ------------------------------------------------------------------------------------------------------

namespace {

/// Finite numbers of a table beside its first column, which counts. At most so many cells are looked at, evenly: words
/// must not take longer than the picture.
struct Extent {
    double least = INFINITY, most = -INFINITY;
};
Extent extentOf(const DataTable& table) {
    constexpr std::int64_t mostCells = 4000;
    const auto columns = static_cast<int>(table.columns.size());
    const std::int64_t stride = std::max<std::int64_t>(1, table.rows * columns / mostCells);
    Extent extent;
    for (std::int64_t row = 0; row < table.rows; row += stride)
        for (int column = 1; column < columns; ++column) {
            const QVariant cell = table.cell(row, column);
            bool isNumber = false;
            const double value = cell.toDouble(&isNumber);
            if (!isNumber || !std::isfinite(value))
                continue;
            extent.least = std::min(extent.least, value);
            extent.most = std::max(extent.most, value);
        }
    return extent;
}

}  // namespace

QString PlotView::spokenDescription() {
    const DataTable shown = table();
    if (const QString why = emptyText(); !why.isEmpty() || shown.rows == 0 || shown.columns.size() < 2)
        return why;
    QStringList sentences{
        tr("%1 rows by %2, in %3 columns.")
            .arg(formatCount(shown.rows), shown.columns.front(), formatCount(shown.columns.size() - 1))};
    if (const Extent extent = extentOf(shown); extent.least <= extent.most)
        sentences << tr("Values from %1 to %2.").arg(formatNumber(extent.least), formatNumber(extent.most));
    constexpr int mostLines = 4;  // more than that nobody keeps in mind
    for (int column = 1; column < std::min<int>(static_cast<int>(shown.columns.size()), mostLines + 1); ++column)
        if (const QVariant last = shown.cell(shown.rows - 1, column); last.isValid())
            sentences << tr("Last %1: %2.").arg(shown.columns[column], formatNumber(last.toDouble()));
    sentences << tr("%1 of %2 channels selected, current channel %3.")
                     .arg(m_session.selectedChannels().size())
                     .arg(m_session.channels())
                     .arg(m_session.channelName(m_session.currentChannel()));
    if (const QStringList words = legendWords(); !words.isEmpty())
        sentences << tr("Legend: %1.").arg(words.join(QStringLiteral(", ")));
    sentences << tr("Ctrl+T shows the numbers as a table.");
    return sentences.join(u' ');
}

}  // namespace bnstudio
