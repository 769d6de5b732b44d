// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/heat_picture.h"

#include "ui/flow/flow_scale.h"

#include <QPainter>

#include <algorithm>

namespace bnstudio {

namespace {

constexpr int leastForGap = 6;  // pixels of a row
constexpr int leastForMark = 7;

class HeatDrawing {
public:
    HeatDrawing(const BinnedMap& map, const HeatStyle& style)
        : m_map(map),
          m_grid(map.grid),
          m_style(style),
          m_palette(Theme::paletteOf(style.dark)),
          m_ramp(m_palette, style.limit),
          m_nothing(mixed(m_palette.panel, m_palette.text, 0.62).rgb()),
          m_image(QSize(qRound(style.size.width() * style.ratio), qRound(style.size.height() * style.ratio)),
                  QImage::Format_RGB32) {}

    QImage draw() {
        m_image.fill(m_palette.panel);
        if (m_image.isNull() || m_grid.rows == 0 || m_grid.columns == 0)
            return m_image;
        m_channelGap = channelGap(m_image.width() / m_grid.columns);
        for (int row = 0; row < m_grid.rows; ++row)
            for (int across = 0; across < m_grid.width(); across += binsAcross(row))
                fill(row, across);
        drawMarks();
        m_image.setDevicePixelRatio(m_style.ratio);
        return m_image;
    }

private:
    /// How many bins make one cell.
    int binsAcross(int row) const { return m_grid.isPosition(row) ? m_grid.strips : 1; }
    int channelLeft(int column) const { return column * m_image.width() / m_grid.columns; }
    int top(int row) const { return row * m_image.height() / m_grid.rows; }

    QRect rectOf(int row, int across) const {
        const int column = across / m_grid.strips, part = across % m_grid.strips, parts = m_grid.strips;
        const int x = channelLeft(column), y = top(row);
        const int width = std::max(1, channelLeft(column + 1) - x - m_channelGap);
        const int left = part * width / parts, right = (part + binsAcross(row)) * width / parts;
        return {x + left, y, std::max(1, right - left), std::max(1, top(row + 1) - y - gapBelow(row))};
    }

    /// The rows of an unfolded sample stay together and apart from others; other rows have gaps where there is room.
    int gapBelow(int row) const {
        const int height = top(row + 1) - top(row);
        const FlowMatrix& matrix = m_grid.matrix;
        const bool here = matrix.isUnfoldedRow(m_grid.rowStart(row + 1) - 1);
        const bool next = matrix.isUnfoldedRow(m_grid.rowStart(row + 1));
        return here && next ? 0 : height >= leastForGap || (here != next && height > 1) ? 1 : 0;
    }

    QRgb colourOf(const Bin& bin) const {
        if (bin.nan)
            return m_nothing;
        if (bin.posInf || bin.negInf)
            return m_ramp.of(bin.posInf ? m_style.limit : -m_style.limit);
        if (bin.finite == 0)
            return m_palette.panel.rgb();
        return m_ramp.of(bin.exceeds(m_style.limit) ? bin.extreme() : bin.mean());
    }

    static bool hasMark(const QRect& rect) { return rect.width() >= leastForMark && rect.height() >= leastForMark; }

    void fill(int row, int across) {
        const QRect rect = rectOf(row, across);
        const Bin& bin = m_map.at(row, across);
        const QRgb colour = bin.nan && hasMark(rect) ? m_palette.field.rgb() : colourOf(bin);
        for (int y = rect.top(); y <= rect.bottom() && y < m_image.height(); ++y) {
            auto* line = reinterpret_cast<QRgb*>(m_image.scanLine(y));
            std::fill(line + rect.left(), line + std::min(rect.right() + 1, m_image.width()), colour);
        }
    }

    void drawMarks() {
        QPainter painter(&m_image);
        for (int row = 0; row < m_grid.rows; ++row)
            for (int across = 0; across < m_grid.width(); across += binsAcross(row))
                if (const QRect rect = rectOf(row, across); hasMark(rect))
                    drawMark(painter, rect, m_map.at(row, across));
    }

    void drawMark(QPainter& painter, const QRect& rect, const Bin& bin) {
        if (bin.nan)
            painter.fillRect(rect, QBrush(m_palette.mutedText, Qt::BDiagPattern));
        else if (bin.posInf || bin.negInf)
            drawArrow(painter, rect, bin.posInf);
        else if (bin.exceeds(m_style.limit))
            drawTick(painter, rect, bin.extreme() > 0);
    }

    /// A corner at the top for values beyond the upper end, at the bottom for those below the lower one.
    void drawTick(QPainter& painter, const QRect& rect, bool upper) {
        const int side = std::clamp(std::min(rect.width(), rect.height()) / 2, 3, 6);
        const int y = upper ? rect.top() : rect.bottom() + 1;
        const QPoint corner(rect.right() + 1, y);
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_palette.panel);
        painter.drawPolygon(QPolygon({corner, corner + QPoint(-side, 0), corner + QPoint(0, upper ? side : -side)}));
    }

    void drawArrow(QPainter& painter, const QRect& rect, bool up) {
        const double size = std::clamp(std::min(rect.width(), rect.height()) * 0.35, 2.5, 8.0);
        const QPointF middle = QRectF(rect).center();
        const double tip = up ? -size : size;
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(m_palette.panel, std::max(1.2, size / 4)));
        painter.drawLine(middle + QPointF(0, -tip), middle + QPointF(0, tip));
        painter.drawLine(middle + QPointF(0, tip), middle + QPointF(-size * 0.7, tip * 0.3));
        painter.drawLine(middle + QPointF(0, tip), middle + QPointF(size * 0.7, tip * 0.3));
        painter.setRenderHint(QPainter::Antialiasing, false);
    }

    const BinnedMap& m_map;
    const BinGrid& m_grid;
    const HeatStyle& m_style;
    Palette m_palette;
    SignedRamp m_ramp;
    QRgb m_nothing;
    QImage m_image;
    int m_channelGap = 0;
};

}  // namespace

QImage heatPicture(const BinnedMap& map, const HeatStyle& style) {
    return HeatDrawing(map, style).draw();
}

}  // namespace bnstudio
