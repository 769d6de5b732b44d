// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/plot_view.h"

namespace bnstudio {

class StepChart;

/// The loss over steps, with its value at the displayed step in the header.
class LossView : public PlotView {
    Q_OBJECT
public:
    explicit LossView(Session& session, QWidget* parent = nullptr);
    ~LossView() override;
    QString title() const override;

protected:
    Changes contentChanges() const override;
    void fill() override;

private:
    std::unique_ptr<StepChart> m_chart;
};

}  // namespace bnstudio
