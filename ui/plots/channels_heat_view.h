// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/plot_view.h"

class QTimer;

namespace bnstudio {

class HeatChart;

/// All channels × steps: (batch mean − running mean before the step) / (σ/√n), σ² the running variance before the step;
/// sampling noise alone gives ±1. Cells are binned to the pixels there are, each bin showing its value farthest from
/// zero. Large runs fill in over several frames. A click selects channel and step; with the focus the arrow keys do.
class ChannelsHeatView : public PlotView {
    Q_OBJECT
public:
    explicit ChannelsHeatView(Session& session, QWidget* parent = nullptr);
    ~ChannelsHeatView() override;
    QString title() const override;
    /// Value drawn in the cell of a step and channel; NaN where there is none.
    double cellValue(std::int64_t step, std::int64_t channel) const;
    /// Whether every computed step is in the picture.
    bool isComplete() const;

protected:
    Changes contentChanges() const override;
    void fill() override;
    void updated() override;
    void clicked(double x, double y) override;
    bool wantsKey(int key) const override;
    void handleKey(int key) override;

private:
    std::unique_ptr<HeatChart> m_chart;
    QTimer* m_continue = nullptr;
    std::uint64_t m_generation = 0;
};

}  // namespace bnstudio
