// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/distribution_view.h"

#include "ui/plots/distribution_chart.h"

namespace bnstudio {

DistributionView::DistributionView(Session& session, QWidget* parent)
    : PlotView(session, parent), m_chart(std::make_unique<DistributionChart>(plot(), *plot().axisRect())) {
    setChart(*m_chart);
}

DistributionView::~DistributionView() = default;

QString DistributionView::title() const {
    const auto& distributions = session().shown().distributions;
    return tr("Distributions, channel %1").arg(distributions ? distributions->channel : session().currentChannel());
}

QString DistributionView::leftOutText() const {
    return m_chart->leftOutText();
}
double DistributionView::markedMean() const {
    return m_chart->markedMean();
}

Changes DistributionView::contentChanges() const {
    return Changes(Change::Shown) | Change::Selection | Change::Data;
}

void DistributionView::fill() {
    const Shown& shown = session().shown();
    m_chart->setContent(distributionContent(shown.distributions.get(), shown.lane.get()));
}

}  // namespace bnstudio
