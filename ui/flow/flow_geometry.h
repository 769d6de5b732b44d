// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/flow/flow_matrix.h"

#include <QPoint>
#include <QRect>
#include <QSize>

#include <array>
#include <optional>

namespace bnstudio {

/// What the places of things depend on. All lengths in pixels.
struct FlowFrame {
    QSize size;
    FlowMatrix matrix;
    CellWindow window;
    int line = 14;        ///< height of a line of small text
    int titleLine = 17;   ///< of a title
    int rowLabel = 20;    ///< width of the widest row number
    int scaleLabel = 24;  ///< width of the widest number beside bars
    int switchWord = 28;  ///< width of the wider word of the switch
    bool hasKey = false;  ///< maps have a line for what NaN and infinities look like
    bool operator==(const FlowFrame&) const = default;
};

/// Where everything stands: three heat maps with two columns of bars between them, all parts apart from each other.
/// Rows and channels fill their map evenly; number i of k covers pixels ⌊i·w/k⌋ up to ⌊(i+1)·w/k⌋, and so do the positions
/// of a strip within what the gap between channels leaves of the column.
class FlowGeometry {
public:
    struct Map {
        QRect title, subtitle, cells, rowLabels, columnLabels, scale, key;
    };
    struct Bars {
        QRect label, plot, scale;
    };
    /// A value or a channel under the mouse; row is −1 where only the channel is known.
    struct Place {
        int map = -1;   ///< −1: over bars
        int bars = -1;  ///< 0 … 3 statistics, 4 and 5 parameters; −1: over a map
        std::int64_t row = -1, column = 0;
        std::int64_t position = 0;  ///< l
        bool operator==(const Place&) const = default;
    };

    explicit FlowGeometry(const FlowFrame& frame = {});

    /// The size below which bars and cells would be too small to read; FlowFrame::size is not looked at.
    static QSize leastSize(const FlowFrame& frame);

    const FlowFrame& frame() const { return m_frame; }
    const std::array<Map, 3>& maps() const { return m_maps; }
    const std::array<Bars, 4>& statistics() const { return m_statistics; }
    const std::array<Bars, 2>& parameters() const { return m_parameters; }
    /// Between the batch's bars and the running ones: what the update does.
    QRect updateLabel() const { return m_updateLabel; }
    QRect hint() const { return m_hint; }
    /// The wires and the switch in front of x̂.
    QRect switchArea() const { return m_switch; }
    /// The part of the switch that chooses train (0) or eval (1).
    QRect switchLabel(int index) const;
    /// Over the left map: where in the matrix the window is.
    QRect minimap() const { return m_minimap; }

    /// Middles of the sides that arrows lead from and to.
    QPoint batchPort() const;
    QPoint runningPort() const;
    QPoint xhatPort() const;

    QRect cellRect(int map, std::int64_t row, std::int64_t column) const;
    /// One value: a cell, or its part of the cell where that is a strip over L. Empty when it is out of sight.
    QRect valueRect(int map, Cell cell) const;
    /// The part of the row numbers beside a map that belongs to a sample; empty when it is out of sight.
    QRect headRect(int map, std::int64_t sample) const;
    /// The sample whose row number is under the mouse, where it can be folded out.
    std::optional<std::int64_t> headAt(QPoint point) const;
    /// The part of a channel in a map or in a row of bars; empty when it is out of sight.
    QRect columnRect(const QRect& area, std::int64_t column) const;
    std::optional<Place> at(QPoint point) const;

private:
    int rowEdge(std::int64_t row) const;
    std::int64_t rowUnder(int y) const;
    void placeColumns();
    void placeMap(Map& map, int left, int width);
    void placeBars();
    QRect slot(int left, int width, int index) const;
    std::int64_t indexAt(int offset, int length, std::int64_t first, std::int64_t count) const;

    FlowFrame m_frame;
    std::array<Map, 3> m_maps;
    std::array<Bars, 4> m_statistics;
    std::array<Bars, 2> m_parameters;
    QRect m_updateLabel, m_hint, m_switch, m_minimap;
    int m_top = 0, m_bottom = 0;  ///< of the cells, where they are as high as they may be
    int m_slotHeight = 0;
};

/// A step between numbers of rows or columns, of 1, 2 or 5 times a power of ten, that leaves @p room pixels for each.
std::int64_t labelStep(std::int64_t count, int pixels, int room);

}  // namespace bnstudio
