// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_labels.h"

#include "ui/flow/flow_geometry.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

/// Labels as far apart as they need; what comes first has its place.
class Labels {
public:
    Labels(std::int64_t first, std::int64_t count, int pixels, int room)
        : m_first(first),
          m_end(first + count),
          m_pixelsPerCell(count > 0 ? double(pixels) / double(count) : 0),
          m_room(room),
          m_step(labelStep(std::max<std::int64_t>(count, 1), pixels, room)) {}

    void add(std::int64_t index, const QString& text, bool selected = false) {
        if (index < m_first || index >= m_end)
            return;
        const double at = double(index - m_first) + 0.5;
        for (const FlowLabel& other : m_labels)
            if (std::abs(at - other.at) * m_pixelsPerCell < m_room)
                return;
        m_labels.push_back({at, text, selected});
    }

    /// Every step-th of the numbers that begin with 0 at @p zero, for indices from @p first up to @p end.
    template <class Text>
    void addRange(std::int64_t first, std::int64_t end, std::int64_t zero, const Text& text) {
        first = std::max(first, m_first);
        end = std::min(end, m_end);
        for (std::int64_t number = (first - zero + m_step - 1) / m_step * m_step; zero + number < end; number += m_step)
            add(zero + number, text(number));
    }

    std::vector<FlowLabel> take() { return std::move(m_labels); }

private:
    std::int64_t m_first, m_end;
    double m_pixelsPerCell;
    int m_room;
    std::int64_t m_step;
    std::vector<FlowLabel> m_labels;
};

QString positionText(std::int64_t sample, std::int64_t position) {
    return QStringLiteral("%1, %2").arg(sample).arg(position);
}

QString rowText(const FlowMatrix& matrix, std::int64_t row) {
    const FlowMatrix::Row place = matrix.rowAt(row);
    return matrix.isUnfoldedRow(row) ? positionText(place.sample, place.position) : QString::number(place.sample);
}

bool showsPositions(const FlowMatrix& matrix, const CellWindow& window) {
    return matrix.hasUnfolded() && matrix.unfolded < window.firstRow + window.rows
           && matrix.unfolded + matrix.positions > window.firstRow;
}

}  // namespace

std::vector<FlowLabel> rowLabels(const FlowMatrix& matrix, const CellWindow& window, int pixels, int room,
                                 std::int64_t selectedRow) {
    if (matrix.isEmpty() || window.rows <= 0)
        return {};
    Labels labels(window.firstRow, window.rows, pixels, room);
    if (window.hasRow(selectedRow))
        labels.add(selectedRow, rowText(matrix, selectedRow), true);
    const auto number = [](std::int64_t sample) { return QString::number(sample); };
    const std::int64_t end = window.firstRow + window.rows;
    if (!showsPositions(matrix, window)) {
        const bool isBelow = matrix.hasUnfolded() && window.firstRow >= matrix.unfolded;
        labels.addRange(window.firstRow, end, isBelow ? matrix.positions - 1 : 0, number);
        return labels.take();
    }
    const std::int64_t first = matrix.unfolded, last = first + matrix.positions;
    labels.add(first, positionText(first, 0));
    labels.addRange(0, first, 0, number);
    labels.addRange(last, end, matrix.positions - 1, number);
    labels.addRange(first, last, first, [first](std::int64_t position) { return positionText(first, position); });
    return labels.take();
}

std::vector<FlowLabel> columnLabels(const CellWindow& window, int pixels, int room, std::int64_t selectedColumn) {
    if (window.columns <= 0)
        return {};
    const auto number = [](std::int64_t column) { return QString::number(column); };
    Labels labels(window.firstColumn, window.columns, pixels, room);
    labels.add(selectedColumn, number(selectedColumn), true);
    labels.addRange(window.firstColumn, window.firstColumn + window.columns, 0, number);
    return labels.take();
}

QString widestRowLabel(const FlowMatrix& matrix, const CellWindow& window) {
    if (matrix.isEmpty())
        return QStringLiteral("0");
    QString text = showsPositions(matrix, window) ? positionText(matrix.samples - 1, matrix.positions - 1)
                                                  : QString::number(matrix.samples - 1);
    text.replace(u'1', u'0');
    return text;
}

}  // namespace bnstudio
