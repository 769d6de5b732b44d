// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/channel_panel.h"

#include "ui/models/channel_table_model.h"
#include "ui/theme.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"
#include "ui/widgets/scroll_fade.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QMenu>
#include <QScopedValueRollback>
#include <QStyle>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <numeric>

namespace bnstudio {
namespace {

std::vector<int> upTo(int count) {
    std::vector<int> numbers(static_cast<std::size_t>(count));
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

constexpr int widestChannelName = 88, narrowestChannelName = 34;

/// What a column must have room for; rarer, longer numbers end with "…" and are whole in the tooltip.
QString widestNumber(ChannelColumn column) {
    if (column == ChannelColumn::BatchVar || column == ChannelColumn::RunningVar)
        return QStringLiteral("0.0444");
    return channelColumnDigits(column) == 4 ? QStringLiteral("-0.04444") : QStringLiteral("-0.0444");
}

/// What fits as well where there is room: formatNumber goes over to exponents below 0.001.
QString widestSmallNumber(ChannelColumn column) {
    if (column == ChannelColumn::BatchVar || column == ChannelColumn::RunningVar)
        return QStringLiteral("0.00444");
    return channelColumnDigits(column) == 4 ? QStringLiteral("-0.004444") : QStringLiteral("-0.00444");
}

/// Deals out @p room pixels: first for what columns wish beyond their widths, then to all alike.
void spread(int room, const std::vector<int>& wishes, std::vector<int>& widths) {
    for (std::size_t i = 0; i < widths.size() && room > 0; ++i) {
        const int more = std::min(room, wishes[i] - widths[i]);
        widths[i] += more;
        room -= more;
    }
    for (std::size_t i = 0; i < widths.size() && room > 0; ++i) {
        const int more = room / static_cast<int>(widths.size() - i);
        widths[i] += more;
        room -= more;
    }
}

/// Selected rows are bold and keep the colours of their columns' meaning.
class NumberDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
        QStyledItemDelegate::initStyleOption(option, index);
        if (!option->state.testFlag(QStyle::State_Selected))
            return;
        const QVariant color = index.data(Qt::ForegroundRole);
        option->palette.setColor(QPalette::HighlightedText, color.isValid() ? color.value<QColor>() : colors().text);
        option->font.setWeight(QFont::DemiBold);
    }
};

}  // namespace

ChannelPanel::ChannelPanel(Session& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_model(new ChannelTableModel(session, this)),
      m_sorted(new ChannelSortModel(*m_model, this)),
      m_table(new QTableView),
      m_order(new ElidedLabel) {
    m_order->setAlignment(Qt::AlignRight);
    m_order->setObjectName(QStringLiteral("channelOrder"));
    muteLabel(m_order);
    makeTable();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    column->addWidget(m_order);
    column->addWidget(m_table, 1);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &ChannelPanel::pushSelection);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &ChannelPanel::pushSelection);
    connect(&session, &Session::changed, this, [this](Changes changes) {
        if (changes & Change::Data)
            fitColumns();
        if (changes & (Change::Shown | Change::Data))
            refreshNumbers();
        if (changes & (Change::Selection | Change::Data))
            pullSelection();
    });
    connect(&Theme::instance(), &Theme::changed, this, &ChannelPanel::fitColumns);
    fitColumns();
    showSortOrder();
    pullSelection();
}

void ChannelPanel::makeTable() {
    introduce(
        m_table, "channelTable", tr("Channels"),
        tr("Every channel's statistics in the displayed step; click a header or press S to sort, Ctrl+C copies."));
    m_table->setModel(m_sorted);
    m_table->setItemDelegate(new NumberDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setCornerButtonEnabled(false);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    fadeEdges(*m_table);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->viewport()->installEventFilter(this);
    QHeaderView* header = m_table->horizontalHeader();
    header->setHighlightSections(false);
    header->setMinimumSectionSize(24);
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(0, Qt::AscendingOrder);
    // What fits beside the plots; the header's menu brings the others.
    for (const ChannelColumn column :
         {ChannelColumn::Bias, ChannelColumn::GradWeight, ChannelColumn::GradBias, ChannelColumn::NonFinite})
        m_table->setColumnHidden(static_cast<int>(column), true);
    connect(header, &QHeaderView::customContextMenuRequested, this, &ChannelPanel::chooseColumns);
    connect(header, &QHeaderView::sortIndicatorChanged, this, &ChannelPanel::showSortOrder);
    auto* copy = new QAction(tr("Copy"), m_table);
    copy->setObjectName(QStringLiteral("copyChannels"));
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, &ChannelPanel::copySelection);
    auto* all = new QAction(tr("Copy all"), m_table);
    all->setObjectName(QStringLiteral("copyAllChannels"));
    connect(all, &QAction::triggered, this, &ChannelPanel::copyAll);
    m_table->addActions({copy, all});
    addSortActions();
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
}

void ChannelPanel::addSortActions() {
    const auto add = [this](const char* id, const QString& text, const QString& sentence, const QKeySequence& key,
                            void (ChannelPanel::*slot)()) {
        auto* action = new QAction(text, m_table);
        action->setObjectName(QLatin1String(id));
        action->setToolTip(sentence);
        action->setStatusTip(sentence);
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetShortcut);
        connect(action, &QAction::triggered, this, slot);
        m_table->addAction(action);
    };
    add("sortByNextColumn", tr("Sort by the next column"),
        tr("Sorts the channels by the column right of the present one."), QKeySequence(Qt::Key_S),
        &ChannelPanel::sortByNextColumn);
    add("reverseOrder", tr("Reverse the order"), tr("Greatest first, or least first."),
        QKeySequence(Qt::SHIFT | Qt::Key_S), &ChannelPanel::reverseOrder);
    add("chooseColumns", tr("Columns…"), tr("Which numbers the table shows."), {}, &ChannelPanel::chooseColumnsHere);
}

void ChannelPanel::chooseColumnsHere() {
    chooseColumns(QPoint(0, m_table->horizontalHeader()->height()));
}

void ChannelPanel::sortByNextColumn() {
    const QHeaderView* header = m_table->horizontalHeader();
    int column = header->sortIndicatorSection();
    do {
        column = (column + 1) % m_sorted->columnCount();
    } while (header->isSectionHidden(column));
    sortBy(static_cast<ChannelColumn>(column));
}

void ChannelPanel::reverseOrder() {
    const QHeaderView* header = m_table->horizontalHeader();
    m_table->sortByColumn(header->sortIndicatorSection(), header->sortIndicatorOrder() == Qt::AscendingOrder
                                                              ? Qt::DescendingOrder
                                                              : Qt::AscendingOrder);
}

/// By index from the first channel on; by a number the greatest first, which is what one looks for.
void ChannelPanel::sortBy(ChannelColumn column) {
    m_table->setColumnHidden(static_cast<int>(column), false);
    m_table->sortByColumn(static_cast<int>(column),
                          column == ChannelColumn::Channel ? Qt::AscendingOrder : Qt::DescendingOrder);
    m_table->scrollTo(m_table->currentIndex());
}

void ChannelPanel::fitColumns() {
    // Wide enough for the header and for a number with its sign, the same for every step: columns must not dance.
    m_table->setFont(Theme::instance().textFont(-1));
    m_table->verticalHeader()->setDefaultSectionSize(Theme::instance().scaled(25));
    const QFontMetrics body(Theme::instance().textFont(-1)), head(Theme::instance().textFont(-2));
    QFont selected = Theme::instance().textFont(-1);
    selected.setWeight(QFont::DemiBold);
    const QFontMetrics bold(selected);
    // What an item keeps free beside its text, and a little more for advances that are rounded glyph by glyph.
    const int margin = 2 * (m_table->style()->pixelMetric(QStyle::PM_FocusFrameHMargin, nullptr, m_table) + 3);
    const QString lastChannel = m_session.channelName(std::max<std::int64_t>(m_session.channels() - 1, 0));
    std::vector<int> columns, widths, wishes;
    const int nameWidth = std::clamp(bold.horizontalAdvance(lastChannel) + margin + 5, 26, widestChannelName);
    int room = m_table->viewport()->width() - nameWidth;
    for (int column = 1; column < m_sorted->columnCount(); ++column) {
        if (m_table->isColumnHidden(column))
            continue;
        const auto kind = static_cast<ChannelColumn>(column);
        const int title = head.size(0, m_sorted->headerData(column, Qt::Horizontal).toString()).width() + 7;
        columns.push_back(column);
        widths.push_back(std::max(title, bold.horizontalAdvance(widestNumber(kind)) + margin));
        wishes.push_back(std::max(widths.back(), bold.horizontalAdvance(widestSmallNumber(kind)) + margin));
        room -= widths.back();
    }
    // A long name is elided further, before numbers are pushed out of sight.
    const int taken = std::clamp(-room, 0, std::max(0, nameWidth - narrowestChannelName));
    m_table->setColumnWidth(0, nameWidth - taken);
    spread(room, wishes, widths);
    for (std::size_t i = 0; i < columns.size(); ++i)
        m_table->setColumnWidth(columns[i], widths[i]);
    m_table->horizontalHeader()->setFixedHeight(head.height() * 2 + 8);
}

bool ChannelPanel::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Resize && watched == m_table->viewport())
        fitColumns();
    return QWidget::eventFilter(watched, event);
}

void ChannelPanel::refreshNumbers() {
    m_sorted->resort();
    const int first = m_table->rowAt(0);
    if (first < 0)
        return;
    const int below = m_table->rowAt(m_table->viewport()->height() - 1);
    const int last = below < 0 ? m_sorted->rowCount() - 1 : below;
    std::vector<int> rows;
    for (int row = first; row <= last; ++row)
        rows.push_back(m_sorted->mapToSource(m_sorted->index(row, 0)).row());
    m_model->announceRows(rows);
}

void ChannelPanel::chooseColumns(const QPoint& place) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(QStringLiteral("channelColumnsMenu"));
    for (int column = 1; column < m_sorted->columnCount(); ++column) {
        QAction* action = menu->addAction(channelColumnName(static_cast<ChannelColumn>(column)));
        action->setCheckable(true);
        action->setChecked(!m_table->isColumnHidden(column));
        connect(action, &QAction::toggled, m_table, [this, column](bool on) {
            m_table->setColumnHidden(column, !on);
            fitColumns();
        });
    }
    menu->popup(m_table->horizontalHeader()->mapToGlobal(place));
}

void ChannelPanel::showSortOrder() {
    const int column = m_table->horizontalHeader()->sortIndicatorSection();
    const bool descending = m_table->horizontalHeader()->sortIndicatorOrder() == Qt::DescendingOrder;
    QString name = m_sorted->headerData(std::max(column, 0), Qt::Horizontal).toString();
    name.replace(QLatin1Char('\n'), QLatin1Char(' '));
    const QString words = column <= 0  ? (descending ? tr("sorted by index, last first") : tr("sorted by index"))
                          : descending ? tr("sorted by %1, greatest first").arg(name)
                                       : tr("sorted by %1, least first").arg(name);
    m_order->setFullText(words);
    m_table->setAccessibleDescription(words);  // is spoken when it changes
}

void ChannelPanel::pushSelection() {
    if (m_pulling)
        return;
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    if (rows.isEmpty())
        return;
    std::vector<std::int64_t> channels;
    channels.reserve(static_cast<std::size_t>(rows.size()));
    for (const QModelIndex& row : rows)
        channels.push_back(m_sorted->mapToSource(row).row());
    const QModelIndex current = m_table->currentIndex();
    const bool currentIsSelected = current.isValid() && m_table->selectionModel()->isRowSelected(current.row());
    const std::int64_t channel = currentIsSelected ? m_sorted->mapToSource(current).row() : channels.front();
    m_session.selectChannels(std::move(channels), channel);
}

void ChannelPanel::pullSelection() {
    std::vector<std::int64_t> present;
    for (const QModelIndex& row : m_table->selectionModel()->selectedRows())
        present.push_back(m_sorted->mapToSource(row).row());
    std::sort(present.begin(), present.end());
    const int wantedRow =
        m_sorted->mapFromSource(m_model->index(static_cast<int>(m_session.currentChannel()), 0)).row();
    if (wantedRow < 0 || (present == m_session.selectedChannels() && m_table->currentIndex().row() == wantedRow))
        return;
    const QScopedValueRollback pulling(m_pulling, true);
    QItemSelection selection;
    for (const std::int64_t channel : m_session.selectedChannels()) {
        const QModelIndex index = m_sorted->mapFromSource(m_model->index(static_cast<int>(channel), 0));
        if (index.isValid())
            selection.select(index, index.siblingAtColumn(channelColumnCount - 1));
    }
    m_table->selectionModel()->setCurrentIndex(m_sorted->index(wantedRow, 0), QItemSelectionModel::NoUpdate);
    m_table->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    m_table->scrollTo(m_sorted->index(wantedRow, 0));
}

void ChannelPanel::copySelection() {
    std::vector<int> rows;
    QModelIndexList selected = m_table->selectionModel()->selectedRows();
    std::sort(selected.begin(), selected.end());
    for (const QModelIndex& row : selected)
        rows.push_back(m_sorted->mapToSource(row).row());
    QApplication::clipboard()->setText(m_model->tabSeparated(rows, upTo(channelColumnCount)));
}

void ChannelPanel::copyAll() {
    std::vector<int> rows;
    for (int row = 0; row < m_sorted->rowCount(); ++row)
        rows.push_back(m_sorted->mapToSource(m_sorted->index(row, 0)).row());
    QApplication::clipboard()->setText(m_model->tabSeparated(rows, upTo(channelColumnCount)));
}

QWidget* ChannelPanel::header() const {
    return m_order;
}

}  // namespace bnstudio
