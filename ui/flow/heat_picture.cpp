// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/heat_picture.h"

#include "ui/flow/flow_marks.h"
#include "ui/flow/flow_scale.h"

#include <QPainter>

#include <algorithm>

namespace bnstudio {

namespace {

constexpr int leastForGap = 6;  // pixels of a row

class HeatDrawing {
public:
    HeatDrawing(const BinnedMap& map, const HeatStyle& style)
        : m_map(map),
          m_grid(map.grid),
          m_style(style),
          m_palette(Theme::paletteOf(style.dark)),
          m_ramp(m_palette, style.limit),
          m_nan(nanColor(m_palette).rgb()),
          m_infinity(infinityColor(m_palette).rgb()),
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
            return m_nan;
        if (bin.posInf || bin.negInf)
            return m_infinity;
        if (bin.finite == 0)
            return m_palette.panel.rgb();
        return m_ramp.of(bin.exceeds(m_style.limit) ? bin.extreme() : bin.mean());
    }

    void fill(int row, int across) {
        const QRect rect = rectOf(row, across);
        const QRgb colour = colourOf(m_map.at(row, across));
        for (int y = rect.top(); y <= rect.bottom() && y < m_image.height(); ++y) {
            auto* line = reinterpret_cast<QRgb*>(m_image.scanLine(y));
            std::fill(line + rect.left(), line + std::min(rect.right() + 1, m_image.width()), colour);
        }
    }

    void drawMarks() {
        QPainter painter(&m_image);
        for (int row = 0; row < m_grid.rows; ++row)
            for (int across = 0; across < m_grid.width(); across += binsAcross(row))
                if (const QRect rect = rectOf(row, across); hasRoomForHatch(rect))
                    drawMark(painter, rect, m_map.at(row, across));
    }

    void drawMark(QPainter& painter, const QRect& rect, const Bin& bin) {
        if (const NotFinite what{bin.nan, bin.posInf, bin.negInf}; what.any())
            paintNotFinite(painter, m_palette, rect, what);
        else if (hasRoomForArrow(rect) && bin.exceeds(m_style.limit))
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

    const BinnedMap& m_map;
    const BinGrid& m_grid;
    const HeatStyle& m_style;
    Palette m_palette;
    SignedRamp m_ramp;
    QRgb m_nan, m_infinity;
    QImage m_image;
    int m_channelGap = 0;
};

}  // namespace

QImage heatPicture(const BinnedMap& map, const HeatStyle& style) {
    return HeatDrawing(map, style).draw();
}

}  // namespace bnstudio
