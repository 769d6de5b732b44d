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
        .arg(formatCount(content.matrix.valuesPerChannel()))
        .arg(channel)
        .arg(parts.join(QStringLiteral(", ")));
}

QString rangeText(std::int64_t first, std::int64_t last) {
    return first == last ? QString::number(first) : QStringLiteral("%1–%2").arg(first).arg(last);
}

/// "samples 3–5, channel 2, l 8–15", as far as it is more than one of them.
QString binPlace(const BinGrid& grid, int row, int across) {
    const FlowMatrix& matrix = grid.matrix;
    const std::int64_t left = grid.start(across), right = grid.start(across + 1) - 1;
    const FlowMatrix::Row top = matrix.rowAt(grid.rowStart(row)), bottom = matrix.rowAt(grid.rowStart(row + 1) - 1);
    const QString place =
        tr("samples %1, channels %2")
            .arg(rangeText(top.sample, bottom.sample), rangeText(left / matrix.positions, right / matrix.positions));
    return grid.strips > 1 && top.isStrip() && bottom.isStrip()
               ? tr("%1, l %2").arg(place, rangeText(left % matrix.positions, right % matrix.positions))
               : place;
}

/// How many values a bin has; the rows of an unfolded sample have one position each.
std::int64_t binCount(const BinGrid& grid, int row, int across) {
    const std::int64_t width = grid.start(across + 1) - grid.start(across), positions = grid.matrix.positions;
    const std::int64_t first = grid.rowStart(row), last = grid.rowStart(row + 1);
    if (!grid.matrix.hasUnfolded())
        return (last - first) * width;
    const std::int64_t unfolded = grid.matrix.unfolded;
    const std::int64_t single =
        std::max<std::int64_t>(0, std::min(last, unfolded + positions) - std::max(first, unfolded));
    return (last - first - single) * width + single * ((width + positions - 1) / positions);
}

/// Several values behind one spot of colour.
QString binText(const FlowGeometry::Place& place, const BinnedMap& map) {
    const BinGrid& grid = map.grid;
    const int row = grid.rowBin(place.row), across = grid.acrossBin(place.column, place.position);
    const std::int64_t count = binCount(grid, row, across);
    if (count == 1)
        return {};
    const Bin& bin = map.at(row, across);
    const QString what = tr("%1 values: %2").arg(formatCount(count), binPlace(grid, row, across));
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
    QString text = valuesOf(content, cell).join(QStringLiteral(", ")) + u'.';
    if (const QString pooled = pooledText(content, cell.c); !pooled.isEmpty())
        text += QStringLiteral(" %1.").arg(pooled);
    return text;
}

QString tipFor(const FlowContent& content, const FlowGeometry::Place& place, const BinnedMap* bins) {
    if (place.bars >= 0) {
        const FlowBars& bars = place.bars < 4 ? content.statistics[static_cast<std::size_t>(place.bars)]
                                              : content.parameters[static_cast<std::size_t>(place.bars - 4)];
        return hasChannel(bars, place.column) ? tr("channel %1: %2").arg(place.column).arg(barText(bars, place.column))
                                              : QString();
    }
    const Cell cell = content.matrix.cellAt(place.row, place.column, place.position);
    if (!content.frame || !content.matrix.contains(cell))
        return {};
    QStringList lines{valuesOf(content, cell).join(QStringLiteral(" · "))};
    if (bins && !bins->grid.isExact())
        lines << binText(place, *bins);
    lines << pooledText(content, place.column);
    lines.removeAll(QString());
    return lines.join(u'\n');
}

QString foldTip(const FlowMatrix& matrix, std::int64_t sample) {
    if (matrix.unfolded == sample)
        return tr("Sample %1: a row for each position l. Click or press L to fold it into one row.").arg(sample);
    return tr("Sample %1: its %2 positions l stand side by side in each channel. Click to fold them out into rows.")
        .arg(sample)
        .arg(matrix.positions);
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
            return Place{i, -1, content.matrix.rowOf(cell), cell.c, cell.l};
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
                                  .arg(rangeText(hint.matrix.rowAt(hint.window.firstRow).sample,
                                                 hint.matrix.rowAt(hint.window.firstRow + hint.window.rows - 1).sample))
                                  .arg(hint.matrix.samples)
                                  .arg(part(hint.window.firstColumn, hint.window.columns))
                                  .arg(hint.matrix.columns);
        sentences << tr("%1 · the wheel zooms, dragging pans · hold E to peek at %2").arg(where, other)
                  << tr("%1 · the wheel zooms, dragging pans").arg(where) << where;
    } else if (hint.matrix.canUnfold()) {
        sentences
            << tr("each cell is a strip over l; a click on a row number or L folds a sample out into rows · hover: "
                  "what is pooled lights up · hold E to peek at %1")
                   .arg(other)
            << tr("a cell is a strip over l; L folds a sample out · hold E to peek at %1").arg(other)
            << tr("L folds a sample out into rows · hold E to peek at %1").arg(other) << tr("L folds a sample out");
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
