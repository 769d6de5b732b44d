// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/plot_items.h"

namespace bnstudio {

struct DistributionContent {
    Distributions distributions;
    double mean;              ///< the mean that normalised x; NaN for none
    bool meanOfBatch = true;  ///< else the running mean
    bool hasData = false;
    QString emptyText;
};

/// Histograms of one channel's x, x̂ and y, with the mean marked.
class DistributionChart : public Chart {
public:
    DistributionChart(QCustomPlot& plot, QCPAxisRect& rect);
    ~DistributionChart() override;
    void setContent(DistributionContent content);
    const DistributionContent& content() const { return m_content; }
    void update() override;
    std::vector<LegendEntry> legend() const override;
    std::vector<QPointF> line(PlotRole role, std::int64_t channel) const override;
    QString readoutAt(QPointF pixel) const override;
    DataTable table() const override;
    double markedMean() const { return m_marker->value(); }
    /// How many values of x are not finite, in words; empty for none.
    QString leftOutText() const;

private:
    void drawHistogram(QCPGraph& graph, const Histogram& histogram, const QColor& color, bool filled);

    DistributionContent m_content;
    QCPGraph* m_x;
    QCPGraph* m_xhat;
    QCPGraph* m_y;
    ValueMarker* m_marker;
};

/// The content for a lane's step; null pointers give the empty state.
DistributionContent distributionContent(const Distributions* distributions, const LaneSnapshot* lane);

}  // namespace bnstudio
