// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/plot_items.h"

namespace bnstudio {

/// Batch and running statistics of all channels at one step; vectors are empty where there is nothing.
struct ProfileContent {
    std::vector<double> batchMean, batchStd;  ///< std ÷n, the one that normalises
    std::vector<double> batchVar;             ///< ÷(n−1), the one running_var takes in
    std::vector<double> runningMean, runningVar;
    std::int64_t channels = 0;
    std::int64_t current = -1;  ///< −1: none is marked
    bool variance = false, logScale = false;
    QString emptyText;
};

/// The statistics of a lane: its batch, and the running ones of @p state. @p lane may be null (the start).
ProfileContent profileContent(const LaneSnapshot* lane, const LaneState* state);

/// Two rows of values over the channels: few channels as dots with whiskers of ± one standard deviation, many as lines
/// with a pale band, both min and max of each pixel column.
class ProfileChart : public Chart {
public:
    ProfileChart(QCustomPlot& plot, QCPAxisRect& rect);
    ~ProfileChart() override;
    void setStyle(const ChartStyle& style) override;
    void setContent(ProfileContent content);
    void update() override;
    std::vector<LegendEntry> legend() const override;
    std::vector<QPointF> line(PlotRole role, std::int64_t channel) const override;
    QString readoutAt(QPointF pixel) const override;
    DataTable table() const override;
    double logFloor() const { return m_floor; }

private:
    struct Row {
        QCPGraph* band = nullptr;
        QCPGraph* centre = nullptr;
    };
    void updateRow(Row& row, const std::vector<double>& centre, const std::vector<double>& spread, double offset,
                   const QColor& color, const QColor& pale);
    void fitY();
    double shownY(double value) const { return m_floor > 0 && value <= 0 ? m_floor : value; }

    ProfileContent m_content;
    Row m_batch, m_running;
    FloorMark* m_floorMark;
    SelectionOutline* m_outline;
    double m_floor = 0;
};

}  // namespace bnstudio
