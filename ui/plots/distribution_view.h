// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/plot_view.h"

namespace bnstudio {

class DistributionChart;

/// Histograms of x, x̂ and y of the current channel at the displayed step, with the mean that normalised it.
class DistributionView : public PlotView {
    Q_OBJECT
public:
    explicit DistributionView(Session& session, QWidget* parent = nullptr);
    ~DistributionView() override;
    QString title() const override;
    /// "3 values that are not finite are left out", or empty.
    QString leftOutText() const;
    /// Where the mean used for normalising is marked; NaN when there is none.
    double markedMean() const;

protected:
    Changes contentChanges() const override;
    void fill() override;
    void clicked(double, double) override {}
    bool followsPlayhead() const override { return false; }

private:
    std::unique_ptr<DistributionChart> m_chart;
};

}  // namespace bnstudio
