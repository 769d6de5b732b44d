// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/heat_picture.h"

#include "ui/flow/flow_scale.h"

#include <QPainter>

#include <algorithm>

namespace bnstudio {

namespace {

constexpr int leastForGap = 6;  // pixels of a cell
constexpr int leastForMark = 7;

class HeatDrawing {
public:
    HeatDrawing(const BinnedMap& map, const HeatStyle& style)
        : m_map(map),
          m_style(style),
          m_palette(Theme::paletteOf(style.dark)),
          m_ramp(m_palette, style.limit),
          m_nothing(mixed(m_palette.panel, m_palette.text, 0.62).rgb()),
          m_image(QSize(qRound(style.size.width() * style.ratio), qRound(style.size.height() * style.ratio)),
                  QImage::Format_RGB32) {}

    QImage draw() {
        m_image.fill(m_palette.panel);
        if (m_image.isNull() || m_map.grid.rows == 0 || m_map.grid.columns == 0)
            return m_image;
        const int columns = m_map.grid.columns, rows = m_map.grid.rows;
        m_columnGap = m_image.width() / columns >= leastForGap ? 1 : 0;
        m_hasMarks = m_image.width() / columns >= leastForMark && m_image.height() / rows >= leastForMark;
        for (int row = 0; row < rows; ++row)
            for (int column = 0; column < columns; ++column)
                fill(row, column);
        if (m_hasMarks)
            drawMarks();
        m_image.setDevicePixelRatio(m_style.ratio);
        return m_image;
    }

private:
    int left(int column) const { return column * m_image.width() / m_map.grid.columns; }
    int top(int row) const { return row * m_image.height() / m_map.grid.rows; }

    QRect rectOf(int row, int column) const {
        const int x = left(column), y = top(row);
        return {x, y, std::max(1, left(column + 1) - x - m_columnGap), std::max(1, top(row + 1) - y - gapBelow(row))};
    }

    /// Rows of one sample stay together; there is a gap before the next sample where it has room.
    int gapBelow(int row) const {
        const BinGrid& grid = m_map.grid;
        const std::int64_t L = m_style.positions;
        const double sampleHeight =
            double(m_image.height()) * double(L) / double(std::max<std::int64_t>(grid.window.rows, 1));
        const bool isLast = (grid.rowStart(row + 1) % L) == 0;
        return isLast && sampleHeight >= leastForGap && top(row + 1) - top(row) > 1 ? 1 : 0;
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

    void fill(int row, int column) {
        const QRect rect = rectOf(row, column);
        const Bin& bin = m_map.at(row, column);
        const QRgb colour = bin.nan && m_hasMarks ? m_palette.field.rgb() : colourOf(bin);
        for (int y = rect.top(); y <= rect.bottom() && y < m_image.height(); ++y) {
            auto* line = reinterpret_cast<QRgb*>(m_image.scanLine(y));
            std::fill(line + rect.left(), line + std::min(rect.right() + 1, m_image.width()), colour);
        }
    }

    void drawMarks() {
        QPainter painter(&m_image);
        for (int row = 0; row < m_map.grid.rows; ++row)
            for (int column = 0; column < m_map.grid.columns; ++column) {
                const Bin& bin = m_map.at(row, column);
                const QRect rect = rectOf(row, column);
                if (bin.nan)
                    painter.fillRect(rect, QBrush(m_palette.mutedText, Qt::BDiagPattern));
                else if (bin.posInf || bin.negInf)
                    drawArrow(painter, rect, bin.posInf);
                else if (bin.exceeds(m_style.limit))
                    drawTick(painter, rect, bin.extreme() > 0);
            }
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
    const HeatStyle& m_style;
    Palette m_palette;
    SignedRamp m_ramp;
    QRgb m_nothing;
    QImage m_image;
    int m_columnGap = 0;
    bool m_hasMarks = false;
};

}  // namespace

QImage heatPicture(const BinnedMap& map, const HeatStyle& style) {
    return HeatDrawing(map, style).draw();
}

}  // namespace bnstudio
