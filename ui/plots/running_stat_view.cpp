// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/running_stat_view.h"

#include "ui/plots/step_contents.h"

namespace bnstudio {

RunningStatView::RunningStatView(Session& session, Quantity quantity, QWidget* parent)
    : PlotView(session, parent),
      m_quantity(quantity),
      m_chart(std::make_unique<StepChart>(plot(), *plot().axisRect())) {
    // Variances live on a ratio scale, and those of different channels lie decades apart.
    if (quantity == Quantity::RunningVar)
        addLogScale(true);
    setChart(*m_chart);
}

RunningStatView::~RunningStatView() = default;

QString RunningStatView::title() const {
    return m_quantity == Quantity::RunningVar ? QStringLiteral("running_var") : QStringLiteral("running_mean");
}

double RunningStatView::logFloor() const {
    return m_chart->logFloor();
}

Changes RunningStatView::contentChanges() const {
    return Changes(Change::Recipe) | Change::Head | Change::Selection | Change::Data | Change::Recording;
}

void RunningStatView::fill() {
    m_chart->setContent(runningContent(stepSource(session(), isLogScale()), m_quantity, plotColors()));
}

}  // namespace bnstudio
