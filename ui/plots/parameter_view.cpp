// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/parameter_view.h"

#include "ui/plots/step_contents.h"

#include <QToolButton>

namespace bnstudio {

ParameterView::ParameterView(Session& session, QWidget* parent)
    : PlotView(session, parent), m_chart(std::make_unique<StepChart>(plot(), *plot().axisRect())) {
    m_gradients = addSwitch(tr("gradients"), tr("Show the gradients of γ and β"));
    connect(m_gradients, &QToolButton::toggled, this, [this] {
        if (isVisible())
            refresh();
        else
            invalidate();
        emit titleChanged();
    });
    setChart(*m_chart);
}

ParameterView::~ParameterView() = default;

QString ParameterView::title() const {
    return showsGradients() ? tr("Gradients of γ and β") : tr("γ and β");
}
bool ParameterView::showsGradients() const {
    return m_gradients->isChecked();
}
void ParameterView::setShowsGradients(bool on) {
    m_gradients->setChecked(on);
}

Changes ParameterView::contentChanges() const {
    return Changes(Change::Recipe) | Change::Head | Change::Selection | Change::Data;
}

void ParameterView::fill() {
    const EffectiveSettings settings = session().settings();
    m_chart->setContent(parameterContent(stepSource(session(), false), showsGradients(), settings.layer.affine,
                                         settings.training.passes.backward, plotColors()));
}

}  // namespace bnstudio
