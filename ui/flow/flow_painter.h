// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/flow/flow_content.h"
#include "ui/flow/flow_geometry.h"
#include "ui/theme.h"

#include <QImage>

class QPainter;

namespace bnstudio {

/// What is drawn beside the values: theme, selection, what the mouse and the calculation point at.
struct FlowLook {
    Palette palette;
    QFont small, title;
    std::array<QImage, 3> pictures;        ///< of the maps; null where nothing is shown
    std::array<bool, 3> areExact{};        ///< a bin is a cell, whose value may be written into it
    std::array<NotFinite, 3> notFinite{};  ///< what the key of a map explains
    Cell selected;
    bool hasFocus = false;
    std::int64_t hovered = -1;                   ///< channel whose values light up; −1: none
    std::optional<FlowGeometry::Place> pointed;  ///< a place that another view names
    QString hint;
    bool isPeeking = false;
};

/// One drawing of a flow: on a screen, into a picture or into a vector file.
struct FlowCanvas {
    QPainter& painter;
    const FlowContent& content;
    const FlowGeometry& geometry;
    const FlowLook& look;
};

/// Pixels beside the row numbers for the mark that says whether a sample is folded out.
inline constexpr int foldMarkRoom = 9;

/// The room that a content needs for its numbers in these fonts.
FlowFrame flowFrame(const FlowContent& content, const CellWindow& window, QSize size, const QFont& small,
                    const QFont& title);

void paintFlow(const FlowCanvas& canvas);

// Its parts, each in a file of its own.
void paintMaps(const FlowCanvas& canvas);
void paintBars(const FlowCanvas& canvas);
void paintWires(const FlowCanvas& canvas);

/// A light line within a dark one, around @p rect: what every selection looks like.
void paintDoubleOutline(QPainter& painter, const Palette& palette, const QRect& rect, double width = 1.3);
/// Covers all of @p area but the column of the channel that the mouse is over.
void paintVeil(const FlowCanvas& canvas, const QRect& area);
void paintElided(QPainter& painter, const QRect& area, int flags, const QString& text);

}  // namespace bnstudio
