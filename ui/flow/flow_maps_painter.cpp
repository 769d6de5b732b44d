// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_labels.h"
#include "ui/flow/flow_marks.h"
#include "ui/flow/flow_painter.h"
#include "ui/flow/flow_scale.h"
#include "ui/format.h"

#include <QFontMetrics>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

constexpr int valueDigits = 3;

class MapsPainter {
public:
    explicit MapsPainter(const FlowCanvas& canvas)
        : m_canvas(canvas), m_painter(canvas.painter), m_palette(canvas.look.palette) {}

    void paint() {
        for (std::size_t i = 0; i < 3; ++i)
            paintMap(i);
    }

private:
    void paintMap(std::size_t index) {
        const FlowMapContent& content = m_canvas.content.maps[index];
        const FlowGeometry::Map& place = m_canvas.geometry.maps()[index];
        paintTitles(content, place);
        paintLabels(place);
        paintFolds(static_cast<int>(index));
        const QImage& picture = m_canvas.look.pictures[index];
        if (!content.isShown() || picture.isNull())
            return paintWaiting(content, place);
        m_painter.drawImage(place.cells, picture);
        if (m_canvas.look.areExact[index])
            paintValues(index);
        paintVeil(m_canvas, place.cells);
        paintScale(content, place.scale);
        if (const NotFinite& what = m_canvas.look.notFinite[index]; what.any() && !place.key.isNull())
            paintNotFiniteKey(m_painter, m_palette, m_canvas.look.small, place.key, what, anyCell(),
                              place.scale.left() - place.key.left());
    }

    QRect anyCell() const {
        const CellWindow& window = m_canvas.geometry.frame().window;
        return m_canvas.geometry.valueRect(0, m_canvas.content.matrix.cellAt(window.firstRow, window.firstColumn));
    }

    void paintTitles(const FlowMapContent& content, const FlowGeometry::Map& place) {
        m_painter.setFont(m_canvas.look.title);
        m_painter.setPen(content.isShown() ? m_palette.text : m_palette.mutedText);
        paintElided(m_painter, place.title, Qt::AlignHCenter | Qt::AlignVCenter, content.title);
        if (place.subtitle.isNull())
            return;
        m_painter.setFont(m_canvas.look.small);
        m_painter.setPen(m_palette.mutedText);
        paintElided(m_painter, place.subtitle, Qt::AlignHCenter | Qt::AlignVCenter, content.subtitle);
    }

    void paintWaiting(const FlowMapContent& content, const FlowGeometry::Map& place) {
        m_painter.setBrush(Qt::NoBrush);
        m_painter.setPen(QPen(m_palette.faintText, 1.2, Qt::DashLine));
        m_painter.drawRect(QRectF(place.cells).adjusted(0.5, 0.5, -0.5, -0.5));
        m_painter.setFont(m_canvas.look.small);
        m_painter.setPen(m_palette.mutedText);
        m_painter.drawText(place.cells.adjusted(4, 2, -4, -2), Qt::AlignCenter | Qt::TextWordWrap, content.waiting);
    }

    void paintLabels(const FlowGeometry::Map& place) {
        const QFontMetrics metrics(m_canvas.look.small);
        const FlowFrame& frame = m_canvas.geometry.frame();
        const std::int64_t row = frame.matrix.rowOf(m_canvas.look.selected);
        const double rowHeight = double(place.cells.height()) / double(std::max<std::int64_t>(frame.window.rows, 1));
        for (const FlowLabel& label :
             rowLabels(frame.matrix, frame.window, place.cells.height(), 2 * frame.line, row)) {
            QRect area(place.rowLabels.left(), 0, place.rowLabels.width(), frame.line);
            area.moveTop(place.cells.top() + static_cast<int>(label.at * rowHeight) - frame.line / 2);
            write(area, Qt::AlignRight | Qt::AlignVCenter, label);
        }
        const double columnWidth =
            double(place.cells.width()) / double(std::max<std::int64_t>(frame.window.columns, 1));
        const int widest = metrics.horizontalAdvance(QString::number(frame.matrix.columns - 1));
        for (const FlowLabel& label :
             columnLabels(frame.window, place.cells.width(), widest + 3, m_canvas.look.selected.c)) {
            QRect area(0, place.columnLabels.top(), widest + 4, frame.line);
            area.moveLeft(place.cells.left() + static_cast<int>(label.at * columnWidth) - area.width() / 2);
            area.moveRight(std::min(area.right(), frame.size.width() - 1));
            write(area, Qt::AlignCenter, label);
        }
    }

    /// A bar beside the rows of the sample that is folded out; a triangle that points down there, and right at the
    /// selected sample, which a click folds out.
    void paintFolds(int index) {
        const FlowMatrix& matrix = m_canvas.geometry.frame().matrix;
        if (!matrix.canUnfold() || matrix.isEmpty())
            return;
        if (matrix.hasUnfolded()) {
            const QRect head = m_canvas.geometry.headRect(index, matrix.unfolded);
            if (!head.isEmpty()) {
                m_painter.fillRect(QRectF(head.right() + 2, head.top(), 2, head.height()), m_palette.population);
                paintTriangle(head, true);
            }
        }
        if (m_canvas.look.selected.n != matrix.unfolded)
            paintTriangle(m_canvas.geometry.headRect(index, m_canvas.look.selected.n), false);
    }

    void paintTriangle(const QRect& head, bool isDown) {
        if (head.isEmpty())
            return;
        constexpr double size = 3.2;
        const int line = m_canvas.geometry.frame().line;
        const double y = isDown ? head.top() + std::min(line, head.height()) / 2.0 : QRectF(head).center().y();
        const QPointF middle(head.left() + size + 0.5, y);
        const QPolygonF right({{-size * 0.7, -size}, {size * 0.9, 0}, {-size * 0.7, size}});
        const QPolygonF down({{-size, -size * 0.7}, {size, -size * 0.7}, {0, size * 0.9}});
        m_painter.setPen(Qt::NoPen);
        m_painter.setBrush(m_palette.mutedText);
        m_painter.drawPolygon((isDown ? down : right).translated(middle));
    }

    void write(const QRect& area, int flags, const FlowLabel& label) {
        QFont font = m_canvas.look.small;
        font.setWeight(label.selected ? QFont::Medium : QFont::Normal);
        m_painter.setFont(font);
        m_painter.setPen(label.selected ? m_palette.text : m_palette.mutedText);
        m_painter.drawText(area, flags | Qt::TextDontClip, label.text);
    }

    void paintScale(const FlowMapContent& content, const QRect& area) {
        const SignedRamp ramp(m_palette, content.limit);
        const QRect bar(area.left(), area.top(), area.width(), 7);
        m_painter.setRenderHint(QPainter::Antialiasing, false);
        for (int x = 0; x < bar.width(); ++x) {
            const double value = (2.0 * x / std::max(bar.width() - 1, 1) - 1) * content.limit;
            m_painter.fillRect(bar.left() + x, bar.top(), 1, bar.height(), QColor::fromRgb(ramp.of(value)));
        }
        m_painter.setRenderHint(QPainter::Antialiasing);
        m_painter.setFont(m_canvas.look.small);
        m_painter.setPen(m_palette.mutedText);
        const QRect numbers = area.adjusted(0, bar.height() + 1, 0, 0);
        const QString limit = limitText(content.limit);
        const QString low = QStringLiteral("−") + limit, high = QStringLiteral("+") + limit;
        const QFontMetrics metrics(m_canvas.look.small);
        const int gap = metrics.horizontalAdvance(u'0');
        const int ends = 2 * std::max(metrics.horizontalAdvance(low), metrics.horizontalAdvance(high));
        const int top = Qt::AlignTop | Qt::TextDontClip;
        if (ends + gap > numbers.width()) {  // the ends would run into each other
            m_painter.drawText(numbers, Qt::AlignHCenter | top, QStringLiteral("±") + limit);
            return;
        }
        m_painter.drawText(numbers, Qt::AlignLeft | top, low);
        m_painter.drawText(numbers, Qt::AlignRight | top, high);
        if (ends + 3 * gap <= numbers.width())
            m_painter.drawText(numbers, Qt::AlignHCenter | top, QStringLiteral("0"));
    }

    /// Numbers in the cells, where these are so few that they fit.
    void paintValues(std::size_t index) {
        const CellWindow& window = m_canvas.geometry.frame().window;
        const int width = QFontMetrics(m_canvas.look.small).horizontalAdvance(QStringLiteral("-0.000")) + 2;
        m_painter.setFont(m_canvas.look.small);
        for (std::int64_t row = window.firstRow; row < window.firstRow + window.rows; ++row) {
            const Cell cell = m_canvas.content.matrix.cellAt(row, window.firstColumn);
            const QRect first = m_canvas.geometry.valueRect(0, cell);
            if (first.width() >= width && first.height() >= m_canvas.geometry.frame().line)
                paintValuesOf(index, row);
        }
    }

    void paintValuesOf(std::size_t index, std::int64_t row) {
        const FlowMatrix& matrix = m_canvas.content.matrix;
        const CellWindow& window = m_canvas.geometry.frame().window;
        const double strong = 0.55 * m_canvas.content.maps[index].limit;
        const std::int64_t parts = matrix.rowAt(row).isStrip() ? matrix.positions : 1;
        for (std::int64_t column = window.firstColumn; column < window.firstColumn + window.columns; ++column)
            for (std::int64_t part = 0; part < parts; ++part) {
                const Cell cell = matrix.cellAt(row, column, part);
                const double value = flowValue(*m_canvas.content.frame, m_canvas.content.maps[index].map, cell);
                if (!std::isfinite(value))
                    continue;
                m_painter.setPen(std::abs(value) > strong ? m_palette.panel : m_palette.text);
                m_painter.drawText(m_canvas.geometry.valueRect(static_cast<int>(index), cell), Qt::AlignCenter,
                                   formatNumber(value, valueDigits));
            }
    }

    const FlowCanvas& m_canvas;
    QPainter& m_painter;
    const Palette& m_palette;
};

}  // namespace

void paintMaps(const FlowCanvas& canvas) {
    MapsPainter(canvas).paint();
}

}  // namespace bnstudio
