// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_tips.h"

#include "ui/flow/flow_words.h"
#include "ui/format.h"

#include <QCoreApplication>

#include <algorithm>

namespace bnstudio {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("Flow", text);
}

QString indices(const FlowMatrix& matrix, Cell cell) {
    return matrix.positions > 1 ? QStringLiteral("[%1, %2, %3]").arg(cell.n).arg(cell.c).arg(cell.l)
                                : QStringLiteral("[%1, %2]").arg(cell.n).arg(cell.c);
}

/// The values of one cell in the maps on display.
QStringList valuesOf(const FlowContent& content, Cell cell) {
    QStringList parts;
    for (const FlowMapContent& map : content.maps) {
        if (!map.isShown() || !hasValues(*content.frame, map.map))
            continue;
        const QString name = parts.isEmpty() ? map.title + indices(content.matrix, cell) : map.title;
        parts << QStringLiteral("%1 = %2").arg(name, formatNumber(flowValue(*content.frame, map.map, cell), 5));
    }
    return parts;
}

QString barText(const FlowBars& bars, std::int64_t channel) {
    const auto index = static_cast<std::size_t>(channel);
    return QStringLiteral("%1 = %2").arg(bars.title, formatNumber(bars.values[index], 5));
}

bool hasChannel(const FlowBars& bars, std::int64_t channel) {
    return bars.isShown() && channel >= 0 && static_cast<std::size_t>(channel) < bars.values.size();
}

QString pooledText(const FlowContent& content, std::int64_t channel) {
    QStringList parts;
    for (const std::size_t i : {BatchMean, BatchStd})
        if (hasChannel(content.statistics[i], channel))
            parts << barText(content.statistics[i], channel);
    if (parts.isEmpty())
        return {};
    return tr("%1 values of channel %2 are pooled: %3")
        .arg(formatCount(content.matrix.rows))
        .arg(channel)
        .arg(parts.join(QStringLiteral(", ")));
}

QString rangeText(std::int64_t first, std::int64_t last) {
    return first == last ? QString::number(first) : QStringLiteral("%1–%2").arg(first).arg(last);
}

/// Several values behind one spot of colour.
QString binText(const FlowContent& content, const FlowGeometry::Place& place, const BinnedMap& map) {
    const BinGrid& grid = map.grid;
    const auto binOf = [](std::int64_t index, std::int64_t first, std::int64_t count, int bins) {
        return static_cast<int>(((index - first + 1) * bins - 1) / count);
    };
    const int row = binOf(place.row, grid.window.firstRow, grid.window.rows, grid.rows);
    const int column = binOf(place.column, grid.window.firstColumn, grid.window.columns, grid.columns);
    const std::int64_t top = grid.rowStart(row), bottom = grid.rowStart(row + 1) - 1;
    const std::int64_t left = grid.columnStart(column), right = grid.columnStart(column + 1) - 1;
    const Bin& bin = map.at(row, column);
    const QString what = tr("%1 values: samples %2, channels %3")
                             .arg(formatCount((bottom - top + 1) * (right - left + 1)),
                                  rangeText(content.matrix.cellAt(top, 0).n, content.matrix.cellAt(bottom, 0).n),
                                  rangeText(left, right));
    if (bin.finite == 0)
        return what;
    QString range =
        tr("from %1 to %2, mean %3").arg(formatNumber(bin.low), formatNumber(bin.high), formatNumber(bin.mean()));
    if (bin.nan)
        range += tr(", some NaN");
    if (bin.posInf || bin.negInf)
        range += tr(", some infinite");
    return map.isSample ? tr("%1\n%2 of those looked at so far").arg(what, range) : what + u'\n' + range;
}

}  // namespace

QString describeCell(const FlowContent& content, Cell cell) {
    if (!content.frame || !content.matrix.contains(cell))
        return content.notice;
    QString text = valuesOf(content, cell).join(QStringLiteral(", "));
    const QString pooled = pooledText(content, cell.c);
    return pooled.isEmpty() ? text : QStringLiteral("%1. %2.").arg(text, pooled);
}

QString tipFor(const FlowContent& content, const FlowGeometry::Place& place, const BinnedMap* bins) {
    if (place.bars >= 0) {
        const FlowBars& bars = place.bars < 4 ? content.statistics[static_cast<std::size_t>(place.bars)]
                                              : content.parameters[static_cast<std::size_t>(place.bars - 4)];
        return hasChannel(bars, place.column) ? tr("channel %1: %2").arg(place.column).arg(barText(bars, place.column))
                                              : QString();
    }
    const Cell cell = content.matrix.cellAt(place.row, place.column);
    if (!content.frame || !content.matrix.contains(cell))
        return {};
    QStringList lines{valuesOf(content, cell).join(QStringLiteral(" · "))};
    if (bins && !bins->grid.isExact())
        lines << binText(content, place, *bins);
    lines << pooledText(content, place.column);
    lines.removeAll(QString());
    return lines.join(u'\n');
}

std::optional<FlowGeometry::Place> placeOf(const Link& link, const FlowContent& content) {
    using Place = FlowGeometry::Place;
    if (link.c < 0)
        return std::nullopt;
    const auto bars = [&](int row) { return std::optional(Place{-1, row, -1, link.c}); };
    switch (link.origin) {
    case Origin::SumX:
    case Origin::Mean:
    case Origin::MeanLow:
        return bars(0);
    case Origin::SumSquares:
    case Origin::Var:
    case Origin::InvStd:
        return bars(content.usesBatch ? 1 : 3);
    case Origin::RunningMean:
    case Origin::RunningMeanAfter:
        return bars(2);
    case Origin::RunningVar:
    case Origin::RunningVarAfter:
        return bars(3);
    case Origin::Weight:
    case Origin::GradWeight:
    case Origin::SumDyXhat:
        return bars(4);
    case Origin::Bias:
    case Origin::GradBias:
    case Origin::SumDy:
        return bars(5);
    case Origin::ParameterAfter:
        return bars(link.parameter == Parameter::Weight ? 4 : 5);
    default:
        break;
    }
    for (int i = 0; i < 3; ++i) {
        const Cell cell{link.n, link.c, std::max<std::int64_t>(link.l, 0)};
        if (link.origin == originOf(content.maps[static_cast<std::size_t>(i)].map) && content.matrix.contains(cell))
            return Place{i, -1, content.matrix.rowOf(cell), cell.c};
    }
    return std::nullopt;
}

QString hintFor(const FlowHint& hint, int width, const QFontMetrics& metrics) {
    const QString other = hint.trains ? tr("eval") : tr("train");
    QStringList sentences;
    if (hint.isPeeking) {
        sentences << tr("Peek: this very batch in %1 mode. Nothing is recorded; let go of E to return.")
                         .arg(hint.trains ? tr("train") : tr("eval"))
                  << tr("Peek: this batch in %1").arg(hint.trains ? tr("train") : tr("eval"));
    } else if (!hint.hasStep) {
        return {};
    } else if (!hint.matrix.isEmpty() && hint.window != CellWindow::all(hint.matrix)) {
        const auto part = [](std::int64_t first, std::int64_t count) { return rangeText(first, first + count - 1); };
        const QString where = tr("samples %1 of %2, channels %3 of %4")
                                  .arg(rangeText(hint.window.firstRow / hint.matrix.positions,
                                                 (hint.window.firstRow + hint.window.rows - 1) / hint.matrix.positions))
                                  .arg(hint.matrix.samples())
                                  .arg(part(hint.window.firstColumn, hint.window.columns))
                                  .arg(hint.matrix.columns);
        sentences << tr("%1 · the wheel zooms, dragging pans · hold E to peek at %2").arg(where, other)
                  << tr("%1 · the wheel zooms, dragging pans").arg(where) << where;
    } else {
        sentences
            << tr("hover a cell: the values pooled into its mean and var light up · click: its numbers go into the "
                  "calculation · arrow keys move · hold E to peek at %1")
                   .arg(other)
            << tr("hover: what is pooled lights up · click: into the calculation · hold E to peek at %1").arg(other)
            << tr("click: into the calculation · hold E to peek at %1").arg(other)
            << tr("hold E to peek at %1").arg(other);
    }
    for (const QString& sentence : std::as_const(sentences))
        if (metrics.horizontalAdvance(sentence) <= width - 24)
            return sentence;
    return sentences.last();
}

}  // namespace bnstudio
