// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/plot_items.h"
#include "ui/session/recorded_series.h"

#include <variant>

namespace bnstudio {

/// One quantity over steps.
struct StepCurve {
    PlotRole role = PlotRole::Running;
    std::int64_t channel = 0;  ///< 0 for scalar quantities
    std::variant<Quantity, ScalarQuantity> quantity = Quantity::RunningMean;
    QColor color;
    bool dots = false;  ///< points instead of a line
    bool dashed = false;
    bool ghost = false;     ///< read from the ghost series
    bool recorded = false;  ///< read from the recording
    QString word;           ///< for the readout
    QString endLabel;       ///< beside the last point; empty for none
    QColor labelColor;
    bool emphasised = false;
};

/// What a step chart shows: curves in painting order, the last on top.
struct StepContent {
    SeriesView series, ghost;
    std::shared_ptr<const RecordedSeries> recorded;
    std::vector<StepCurve> curves;
    std::vector<std::int64_t> events;
    std::vector<LegendEntry> legend;
    bool logScale = false;
    QString yLabel;
    QString emptyText;          ///< said when no curve has a finite value
    bool namesChannels = true;  ///< the readout says which channel
    /// Content with another key starts its axes afresh.
    QString key;
};

/// Lines and dots over steps with playhead, events, end labels and a floor on a logarithmic axis.
class StepChart : public Chart {
public:
    StepChart(QCustomPlot& plot, QCPAxisRect& rect);
    ~StepChart() override;

    void setStyle(const ChartStyle& style) override;
    void setContent(StepContent content);
    const StepContent& content() const { return m_content; }
    void update() override;
    void setPlayhead(std::int64_t step) override;
    /// Figures without a playhead.
    void hidePlayhead();
    std::vector<LegendEntry> legend() const override { return m_content.legend; }
    std::vector<QPointF> line(PlotRole role, std::int64_t channel) const override;
    QString readoutAt(QPointF pixel) const override;
    DataTable table() const override;
    double playheadPixel() const override;
    double logFloor() const { return m_floor; }

private:
    struct Drawn {
        std::vector<QPointF> points;
        double endX = 0, endY = 0;  ///< last finite point
    };
    Drawn read(const StepCurve& curve) const;
    std::int64_t lengthOf(const StepCurve& curve) const;
    std::vector<double> values(const StepCurve& curve, std::int64_t first, std::int64_t last) const;
    double valueAt(const StepCurve& curve, std::int64_t step) const;
    void fitY(const std::vector<Drawn>& drawn);
    void draw(std::size_t index, const Drawn& drawn);
    void labelEnds(const std::vector<Drawn>& drawn);
    double shownY(double value) const { return m_floor > 0 && value <= 0 ? m_floor : value; }
    QCPScatterStyle dotStyle(const QColor& color, std::size_t count) const;

    StepContent m_content;
    QCPGraph& graph(std::size_t index);
    std::vector<QCPGraph*> m_graphs;  ///< one a curve, on the way to be reused
    QCPGraph* m_isolated = nullptr;   ///< single points of lines
    std::vector<QPointF> m_isolatedPoints;
    PlayheadItem* m_playhead;
    EventMarks* m_events;
    FloorMark* m_floorMark;
    EndLabels* m_labels;
    double m_floor = 0;
};

}  // namespace bnstudio
