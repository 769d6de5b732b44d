// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/channel_table_model.h"

#include "ui/format.h"
#include "ui/theme.h"

#include <QFont>
#include <QStringList>

#include <algorithm>
#include <cmath>
#include <utility>

namespace bnstudio {
namespace {

ChannelColumn columnAt(int column) {
    return static_cast<ChannelColumn>(column);
}

/// 0 for a number, 1 for NaN, 2 for none: the order in which a sorted table ends.
int lateness(const std::optional<double>& number) {
    return !number ? 2 : std::isnan(*number) ? 1 : 0;
}

}  // namespace

ChannelTableModel::ChannelTableModel(Session& session, QObject* parent)
    : QAbstractTableModel(parent), m_session(session), m_rows(static_cast<int>(session.channels())) {
    connect(&session, &Session::changed, this, [this](Changes changes) {
        if (changes & Change::Data)
            takeShape();
    });
}

void ChannelTableModel::takeShape() {
    const int rows = static_cast<int>(m_session.channels());
    if (rows == m_rows) {
        // Names may be others.
        emit headerDataChanged(Qt::Vertical, 0, std::max(0, rows - 1));
        return;
    }
    beginResetModel();
    m_rows = rows;
    endResetModel();
}

int ChannelTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : m_rows;
}

int ChannelTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : channelColumnCount;
}

std::optional<double> ChannelTableModel::number(int row, int column) const {
    return channelNumber(m_session.shown(), columnAt(column), row);
}

QVariant ChannelTableModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const ChannelColumn column = columnAt(index.column());
    switch (role) {
    case Qt::DisplayRole: {
        if (column == ChannelColumn::Channel)
            return m_session.channelName(index.row());
        const std::optional<double> value = number(index.row(), index.column());
        if (!value)
            return QStringLiteral("–");
        return column == ChannelColumn::NonFinite ? formatCount(std::llround(*value))
                                                  : formatNumber(*value, channelColumnDigits(column));
    }
    case Qt::EditRole: {
        const std::optional<double> value = number(index.row(), index.column());
        return value && column != ChannelColumn::Channel ? QVariant(*value) : QVariant();
    }
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(
            Qt::Alignment(Qt::AlignVCenter | (column == ChannelColumn::Channel ? Qt::AlignLeft : Qt::AlignRight)));
    case Qt::ForegroundRole: {
        const QColor color = channelColumnColor(column);
        return color.isValid() ? QVariant(color) : QVariant();
    }
    case Qt::ToolTipRole:
        return tooltip(index.row(), column);
    case Qt::AccessibleTextRole:
        return tr("channel %1, %2: %3")
            .arg(m_session.channelName(index.row()), channelColumnName(column),
                 data(index, Qt::DisplayRole).toString());
    default:
        return {};
    }
}

QString ChannelTableModel::tooltip(int row, ChannelColumn column) const {
    const std::optional<double> value = channelNumber(m_session.shown(), column, row);
    if (column == ChannelColumn::Channel || !value)
        return channelColumnSentence(column);
    QString exact = formatExact(*value);
    const std::optional<double> before = channelNumberBefore(m_session.shown(), column, row);
    if (before && *before != *value)
        exact = tr("%1 → %2").arg(formatExact(*before), exact);
    return exact + QLatin1Char('\n') + channelColumnSentence(column);
}

QVariant ChannelTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Vertical)
        return role == Qt::DisplayRole ? QVariant(m_session.channelName(section)) : QVariant();
    if (section < 0 || section >= channelColumnCount)
        return {};
    const ChannelColumn column = columnAt(section);
    switch (role) {
    case Qt::DisplayRole:
        return channelColumnTitle(column);
    case Qt::ToolTipRole:
    case Qt::WhatsThisRole:
        return channelColumnSentence(column);
    case Qt::AccessibleTextRole:
        return channelColumnName(column);
    case Qt::FontRole:
        return Theme::instance().textFont(-2);
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(
            Qt::Alignment(Qt::AlignBottom | (column == ChannelColumn::Channel ? Qt::AlignLeft : Qt::AlignRight)));
    default:
        return {};
    }
}

QString ChannelTableModel::tabSeparated(const std::vector<int>& rows, const std::vector<int>& columns) const {
    QStringList lines, cells;
    for (const int column : columns)
        cells << channelColumnName(columnAt(column));
    lines << cells.join(QLatin1Char('\t'));
    for (const int row : rows) {
        cells.clear();
        for (const int column : columns) {
            const std::optional<double> value = number(row, column);
            cells << (columnAt(column) == ChannelColumn::Channel ? m_session.channelName(row)
                      : value                                    ? formatExact(*value)
                                                                 : QString());
        }
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

void ChannelTableModel::announceRows(const std::vector<int>& rows) {
    // Sorted rows lie anywhere; neighbours go out together.
    std::vector<int> sorted = rows;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < sorted.size();) {
        std::size_t end = i + 1;
        while (end < sorted.size() && sorted[end] <= sorted[end - 1] + 1)
            ++end;
        const int last = std::min(sorted[end - 1], m_rows - 1);
        if (sorted[i] <= last)
            emit dataChanged(index(sorted[i], 0), index(last, channelColumnCount - 1));
        i = end;
    }
}

ChannelSortModel::ChannelSortModel(ChannelTableModel& model, QObject* parent)
    : QSortFilterProxyModel(parent), m_model(model) {
    // The order is renewed once a step by resort(), not row by row.
    setDynamicSortFilter(false);
    setSourceModel(&model);
}

void ChannelSortModel::resort() {
    if (sortColumn() > 0)
        sort(sortColumn(), sortOrder());
}

bool ChannelSortModel::lessThan(const QModelIndex& left, const QModelIndex& right) const {
    const std::optional<double> a = m_model.number(left.row(), left.column());
    const std::optional<double> b = m_model.number(right.row(), right.column());
    if (lateness(a) != lateness(b)) {
        // A descending table is the reverse of lessThan, so the ones that come last are the greatest there.
        return sortOrder() == Qt::AscendingOrder ? lateness(a) < lateness(b) : lateness(a) > lateness(b);
    }
    return lateness(a) == 0 && *a < *b;
}

}  // namespace bnstudio
