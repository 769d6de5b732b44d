// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/loss_view.h"

#include "ui/plots/step_contents.h"

namespace bnstudio {

LossView::LossView(Session& session, QWidget* parent)
    : PlotView(session, parent), m_chart(std::make_unique<StepChart>(plot(), *plot().axisRect())) {
    addLogScale(false);
    setChart(*m_chart);
}

LossView::~LossView() = default;

QString LossView::title() const {
    return tr("Loss");
}

// The header shows the value at the displayed step, so a new step is new content.
Changes LossView::contentChanges() const {
    return Changes(Change::Recipe) | Change::Head | Change::Shown | Change::Data;
}

void LossView::fill() {
    const bool hasLoss = session().settings().training.loss.kind != LossSpec::Kind::None;
    m_chart->setContent(
        lossContent(stepSource(session(), isLogScale()), hasLoss, session().shown().step, plotColors()));
}

}  // namespace bnstudio
