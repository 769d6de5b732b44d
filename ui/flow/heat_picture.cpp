// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/heat_picture.h"

#include "ui/flow/flow_marks.h"
#include "ui/flow/flow_scale.h"

#include <QPainter>

#include <algorithm>
#include <vector>

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
        m_parts = spans(m_grid.strips);
        m_channels = spans(1);
        for (int row = 0; row < m_grid.rows; ++row)
            fillRow(row);
        drawMarks();
        m_image.setDevicePixelRatio(m_style.ratio);
        return m_image;
    }

private:
    struct Span {
        int left, width;
    };

    /// Where the cells of a row stand, with so many of them in each channel.
    std::vector<Span> spans(int parts) const {
        const auto edge = [this](int column) { return column * m_image.width() / m_grid.columns; };
        const int gap = channelGap(m_image.width() / m_grid.columns);
        std::vector<Span> result;
        for (int column = 0; column < m_grid.columns; ++column) {
            const int x = edge(column), width = std::max(1, edge(column + 1) - x - gap);
            for (int part = 0; part < parts; ++part) {
                const int left = part * width / parts, right = (part + 1) * width / parts;
                // Bins made for another size may be more than the pixels.
                const int start = std::min(x + left, m_image.width() - 1);
                result.push_back({start, std::clamp(right - left, 1, m_image.width() - start)});
            }
        }
        return result;
    }

    const std::vector<Span>& spansOf(int row) const { return m_grid.isPosition(row) ? m_channels : m_parts; }
    /// The first of the bins behind a cell.
    const Bin& binOf(int row, std::size_t cell) const {
        return m_map.at(row, static_cast<int>(cell) * (m_grid.isPosition(row) ? m_grid.strips : 1));
    }
    int top(int row) const { return row * m_image.height() / m_grid.rows; }
    int height(int row) const { return std::max(1, top(row + 1) - top(row) - gapBelow(row)); }

    /// The rows of an unfolded sample stay together and apart from others; other rows have gaps where there is room.
    int gapBelow(int row) const {
        const int height = m_image.height() / m_grid.rows;  // for all alike
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

    void fillRow(int row) {
        std::vector<QRgb> line(static_cast<std::size_t>(m_image.width()), m_palette.panel.rgb());
        const std::vector<Span>& cells = spansOf(row);
        for (std::size_t i = 0; i < cells.size(); ++i)
            std::fill_n(line.begin() + cells[i].left, cells[i].width, colourOf(binOf(row, i)));
        for (int y = top(row); y < top(row) + height(row); ++y)
            std::copy(line.begin(), line.end(), reinterpret_cast<QRgb*>(m_image.scanLine(y)));
    }

    void drawMarks() {
        QPainter painter(&m_image);
        for (int row = 0; row < m_grid.rows; ++row) {
            if (!hasRoomForHatch({0, 0, m_image.width(), height(row)}))
                continue;
            const std::vector<Span>& cells = spansOf(row);
            for (std::size_t i = 0; i < cells.size(); ++i)
                if (const QRect rect(cells[i].left, top(row), cells[i].width, height(row)); hasRoomForHatch(rect))
                    drawMark(painter, rect, binOf(row, i));
        }
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
    std::vector<Span> m_parts, m_channels;
};

}  // namespace

QImage heatPicture(const BinnedMap& map, const HeatStyle& style) {
    return HeatDrawing(map, style).draw();
}

}  // namespace bnstudio
