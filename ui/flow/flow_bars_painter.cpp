// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_painter.h"
#include "ui/flow/flow_scale.h"

#include <QCoreApplication>
#include <QFontMetrics>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

struct Colours {
    QColor full, pale, text;
};

class BarsPainter {
public:
    explicit BarsPainter(const FlowCanvas& canvas)
        : m_canvas(canvas), m_painter(canvas.painter), m_palette(canvas.look.palette) {}

    void paint() {
        const FlowGeometry& geometry = m_canvas.geometry;
        const FlowContent& content = m_canvas.content;
        for (std::size_t i = 0; i < 4; ++i)
            if (i < 2 || content.hasRunning)
                paintRow(content.statistics[i], geometry.statistics()[i], coloursOf(static_cast<int>(i)));
        if (!content.hasRunning)
            paintAbsence(geometry.statistics()[2], QCoreApplication::translate("Flow", "no running statistics"));
        for (std::size_t i = 0; i < 2; ++i)
            if (content.hasParameters)
                paintRow(content.parameters[i], geometry.parameters()[i], coloursOf(static_cast<int>(i) + 4));
        if (!content.hasParameters)
            paintAbsence(geometry.parameters()[0], QCoreApplication::translate("Flow", "no γ, β: y = x̂"));
    }

private:
    Colours coloursOf(int row) const {
        if (row < 2)
            return {m_palette.batch, m_palette.batchPale, m_palette.batchText};
        if (row < 4)
            return {m_palette.running, m_palette.runningPale, m_palette.runningText};
        return {m_palette.affine, m_palette.affinePale, m_palette.affineText};
    }

    void paintAbsence(const FlowGeometry::Bars& place, const QString& text) {
        m_painter.setFont(m_canvas.look.small);
        m_painter.setPen(m_palette.mutedText);
        paintElided(m_painter, place.label, Qt::AlignLeft | Qt::AlignVCenter, text);
    }

    void paintRow(const FlowBars& bars, const FlowGeometry::Bars& place, const Colours& colours) {
        paintLabel(bars, place.label);
        const QRect& plot = place.plot;
        if (plot.height() < 3)
            return;
        const double zero = bars.isSigned() ? QRectF(plot).center().y() : plot.bottom() + 1;
        if (!bars.isShown())
            return paintWaiting(plot, zero);
        const double unit = (bars.isSigned() ? plot.height() / 2.0 : plot.height()) / bars.limit;
        const CellWindow& window = m_canvas.geometry.frame().window;
        const std::vector<Bin> bins = binColumns(bars.values, window.firstColumn, window.columns, plot.width());
        const bool crowded = static_cast<int>(bins.size()) * 3 > plot.width();
        m_painter.setPen(Qt::NoPen);
        m_painter.setRenderHint(QPainter::Antialiasing, !crowded);
        for (std::size_t i = 0; i < bins.size(); ++i)
            paintBar(bins[i], slotOf(plot, i, bins.size()), zero, unit, bars, colours);
        m_painter.setRenderHint(QPainter::Antialiasing);
        m_painter.setPen(QPen(m_palette.population, 1));
        m_painter.drawLine(QPointF(plot.left(), zero), QPointF(plot.right() + 1, zero));
        m_painter.setFont(m_canvas.look.small);
        m_painter.setPen(m_palette.mutedText);
        if (place.scale.height() >= m_canvas.geometry.frame().line)
            m_painter.drawText(place.scale, Qt::AlignLeft | Qt::AlignTop | Qt::TextDontClip, limitText(bars.limit));
        paintVeil(m_canvas, plot);
    }

    void paintLabel(const FlowBars& bars, const QRect& area) {
        QFont bold = m_canvas.look.small;
        bold.setWeight(QFont::Medium);
        const bool isPale = bars.stage == FlowStage::Aside || bars.stage == FlowStage::Waiting;
        m_painter.setFont(bold);
        m_painter.setPen(isPale ? m_palette.mutedText : m_palette.text);
        const QFontMetrics metrics(bold);
        const QString& title = titlesFit(metrics) || bars.shortTitle.isEmpty() ? bars.title : bars.shortTitle;
        paintElided(m_painter, area, Qt::AlignLeft | Qt::AlignVCenter, title);
        m_painter.setFont(m_canvas.look.small);
        m_painter.setPen(m_palette.mutedText);
        const int gap = std::max(4, metrics.horizontalAdvance(u' '));
        const QRect rest = area.adjusted(metrics.horizontalAdvance(title) + gap, 0, 0, 0);
        if (QFontMetrics(m_canvas.look.small).horizontalAdvance(bars.note) <= rest.width())
            m_painter.drawText(rest, Qt::AlignLeft | Qt::AlignVCenter, bars.note);
    }

    /// All of them, so that short and long titles do not stand below each other.
    bool titlesFit(const QFontMetrics& metrics) const {
        const int room = m_canvas.geometry.statistics()[0].label.width();
        const auto& rows = m_canvas.content.statistics;
        return std::all_of(rows.begin(), rows.end(),
                           [&](const FlowBars& bars) { return metrics.horizontalAdvance(bars.title) <= room; });
    }

    void paintWaiting(const QRect& plot, double zero) {
        m_painter.setPen(QPen(m_palette.faintText, 1, Qt::DashLine));
        m_painter.setBrush(Qt::NoBrush);
        m_painter.drawRect(QRectF(plot).adjusted(0.5, 0.5, -0.5, -0.5));
        m_painter.drawLine(QPointF(plot.left(), zero), QPointF(plot.right(), zero));
    }

    static QRectF slotOf(const QRect& plot, std::size_t index, std::size_t count) {
        const double width = double(plot.width()) / double(count);
        const double gap = width >= 3 ? std::min(width * 0.25, 4.0) : 0;
        return {plot.left() + double(index) * width + gap / 2, double(plot.top()), width - gap, double(plot.height())};
    }

    /// From zero to the value; several channels in a pixel span from the lowest to the highest of them, and zero.
    void paintBar(const Bin& bin, const QRectF& slot, double zero, double unit, const FlowBars& bars,
                  const Colours& colours) {
        if (bin.nan || bin.posInf || bin.negInf) {
            const bool isInfinite = !bin.nan;  // hatched in any width: nothing that looks like a bar
            m_painter.fillRect(slot,
                               QBrush(isInfinite ? infinityColor(m_palette) : nanColor(m_palette), Qt::BDiagPattern));
            return;
        }
        if (bin.finite == 0)
            return;
        const double high = zero - std::max(bin.high, 0.0) * unit, low = zero - std::min(bin.low, 0.0) * unit;
        const bool pale = bars.stage == FlowStage::Aside;
        // A bar of a value near zero still shows that there is one.
        m_painter.fillRect(QRectF(slot.left(), std::min(high, zero - 0.75), slot.width(), std::max(low - high, 1.5)),
                           pale ? colours.pale : colours.full);
    }

    const FlowCanvas& m_canvas;
    QPainter& m_painter;
    const Palette& m_palette;
};

}  // namespace

void paintBars(const FlowCanvas& canvas) {
    BarsPainter(canvas).paint();
}

}  // namespace bnstudio
