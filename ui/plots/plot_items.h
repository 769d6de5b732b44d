// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/chart.h"

#include <limits>

namespace bnstudio {

/// Something painted over or under the plottables of one chart.
class ChartItem : public QCPAbstractItem {
public:
    ChartItem(Chart& chart, const QString& layer, bool clip = true);
    double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }

protected:
    Chart& chart() const { return m_chart; }
    QRectF area() const { return QRectF(m_chart.rect().rect()); }

private:
    Chart& m_chart;
};

/// The line at the displayed step; what lies after it is veiled, or hatched.
class PlayheadItem : public ChartItem {
public:
    explicit PlayheadItem(Chart& chart);
    void setStep(std::int64_t step) { m_step = step; }
    /// @p offset: how far right of the step's number the line stands (half a cell in a heat map).
    void setLook(const Palette& palette, bool hatched, double offset);
    /// The veil ends behind this step: nothing is computed beyond.
    void setHead(std::int64_t steps) { m_head = steps; }
    double pixel() const;

protected:
    void draw(QCPPainter* painter) override;

private:
    std::int64_t m_step = -1, m_head = std::numeric_limits<std::int64_t>::max();
    double m_offset = 0;
    bool m_hatched = false;
    QColor m_line, m_veil, m_hatch;
};

/// Thin vertical lines at steps; too many for the width become short ticks at the top.
class EventMarks : public ChartItem {
public:
    explicit EventMarks(Chart& chart);
    void setSteps(std::vector<std::int64_t> steps) { m_steps = std::move(steps); }
    void setColor(const QColor& color) { m_color = color; }

protected:
    void draw(QCPPainter* painter) override;

private:
    std::vector<std::int64_t> m_steps;
    QColor m_color;
};

/// The line of a logarithmic axis at which zero and negative values stand.
class FloorMark : public ChartItem {
public:
    explicit FloorMark(Chart& chart);
    void setFloor(double value, const QColor& color) { m_floor = value, m_color = color; }

protected:
    void draw(QCPPainter* painter) override;

private:
    double m_floor = 0;
    QColor m_color;
};

/// Words beside the ends of lines, pushed apart so that none overlap; the first one wins where there is no room.
class EndLabels : public ChartItem {
public:
    struct Label {
        QPointF at;  ///< plot coordinates
        QString text;
        QColor color;
        bool bold = false;
    };
    explicit EndLabels(Chart& chart);
    void setLabels(std::vector<Label> labels) { m_labels = std::move(labels); }
    void setFont(const QFont& font) { m_font = font; }

protected:
    void draw(QCPPainter* painter) override;

private:
    std::vector<Label> m_labels;
    QFont m_font;
};

/// A vertical line with a word at its top.
class ValueMarker : public ChartItem {
public:
    explicit ValueMarker(Chart& chart);
    void set(double x, const QString& text, const QColor& line, const QColor& textColor, const QFont& font);
    double value() const { return m_x; }

protected:
    void draw(QCPPainter* painter) override;

private:
    double m_x;
    QString m_text;
    QColor m_line, m_textColor;
    QFont m_font;
};

/// The double outline (light inside, dark outside or the reverse) that marks a selection; never thinner than it takes
/// to see it.
class SelectionOutline : public ChartItem {
public:
    SelectionOutline(Chart& chart, const QString& layer);
    /// In plot coordinates; a null rectangle hides it. Infinite sides reach to the edge of the plot area.
    void setCells(double left, double right, double bottom, double top);
    void hide() { m_shown = false; }
    void setColors(const QColor& outer, const QColor& inner) { m_outer = outer, m_inner = inner; }

protected:
    void draw(QCPPainter* painter) override;

private:
    bool m_shown = false;
    double m_left = 0, m_right = 0, m_bottom = 0, m_top = 0;
    QColor m_outer, m_inner;
};

}  // namespace bnstudio
