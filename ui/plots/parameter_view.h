// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/plot_view.h"

class QToolButton;

namespace bnstudio {

class StepChart;

/// γ and β of the selected channels over steps, or with the switch "gradients" their gradients.
class ParameterView : public PlotView {
    Q_OBJECT
public:
    explicit ParameterView(Session& session, QWidget* parent = nullptr);
    ~ParameterView() override;
    QString title() const override;
    bool showsGradients() const;
    void setShowsGradients(bool on);

protected:
    Changes contentChanges() const override;
    void fill() override;

private:
    QToolButton* m_gradients = nullptr;
    std::unique_ptr<StepChart> m_chart;
};

}  // namespace bnstudio
