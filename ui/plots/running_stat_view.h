// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/plot_view.h"

namespace bnstudio {

class StepChart;

/// running_mean or running_var of the selected channels over steps (at most 16 lines), with the batch values as dots,
/// the population where the generator knows it, the curve before the last edit as a ghost, and
/// what a recorded training had. The dots beside
/// running_var are the unbiased batch variances, which is what running_var takes in. A click goes to the step.
class RunningStatView : public PlotView {
    Q_OBJECT
public:
    /// @p quantity: Quantity::RunningMean or Quantity::RunningVar.
    RunningStatView(Session& session, Quantity quantity, QWidget* parent = nullptr);
    ~RunningStatView() override;
    QString title() const override;
    /// Where values of zero or less stand on the log axis; 0 when there are none or the axis is linear.
    double logFloor() const;

protected:
    Changes contentChanges() const override;
    void fill() override;

private:
    Quantity m_quantity;
    std::unique_ptr<StepChart> m_chart;
};

}  // namespace bnstudio
