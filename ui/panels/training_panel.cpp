// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/training_panel.h"

#include "ui/format.h"
#include "ui/panels/apply_setting.h"
#include "ui/panels/loss_form.h"
#include "ui/panels/optimizer_form.h"
#include "ui/theme.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"
#include "ui/widgets/number_list.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace bnstudio {

TrainingPanel::TrainingPanel(Session& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_caption(new ElidedLabel),
      m_loss(new LossForm(session)),
      m_optimizer(new OptimizerForm(session)),
      m_lossValue(new QLabel) {
    m_caption->setAlignment(Qt::AlignRight);
    m_caption->setObjectName(QStringLiteral("trainingCaption"));
    muteLabel(m_caption);
    introduce(m_lossValue, "lossValue", tr("Loss"), tr("The loss of the displayed step, mean over all values of y."));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_caption);
    column->addWidget(makePasses());
    column->addWidget(m_loss);
    column->addWidget(m_optimizer);
    auto* rows = new FormRows(12);
    rows->addRow(tr("Loss now"), m_lossValue);
    column->addWidget(rows);
    column->addStretch(1);
    connect(m_loss, &LossForm::openGradientFileRequested, this, &TrainingPanel::openGradientFileRequested);
    connect(&session, &Session::changed, this, [this](Changes changes) {
        if (changes & (Change::Recipe | Change::Transport | Change::Data | Change::Shown))
            refresh();
    });
    connect(&Theme::instance(), &Theme::changed, this, &TrainingPanel::refreshStep);
    refresh();
}

QWidget* TrainingPanel::makePasses() {
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    auto* forward = new QCheckBox(tr("forward"));
    introduce(forward, "trainingForward", tr("forward pass"), tr("Every step runs the layer forward."));
    forward->setChecked(true);
    forward->setEnabled(false);
    m_backward = new QCheckBox(tr("backward"));
    introduce(m_backward, "trainingBackward", tr("backward pass"),
              tr("Computes the gradients of x, γ and β from the gradient of y."));
    m_update = new QCheckBox(tr("γ, β"));
    introduce(m_update, "trainingUpdate", tr("update γ, β"),
              tr("The optimiser changes γ and β after the backward pass; the running statistics move without it."));
    for (QCheckBox* box : {forward, m_backward, m_update})
        layout->addWidget(box);
    layout->addStretch(1);
    // An update needs gradients, so switching backward off switches it off too.
    connect(m_backward, &QCheckBox::clicked, this, [this](bool on) { setPasses(on, on && m_update->isChecked()); });
    connect(m_update, &QCheckBox::clicked, this, [this](bool on) { setPasses(on || m_backward->isChecked(), on); });
    return row;
}

void TrainingPanel::setPasses(bool backward, bool update) {
    applySetting(m_session, SetPasses{Passes{backward, update}});
    refresh();
}

void TrainingPanel::refresh() {
    const TrainingSpec training = m_session.settings().training;
    m_backward->setChecked(training.passes.backward || training.passes.update);
    m_update->setChecked(training.passes.update);
    m_loss->refresh();
    m_optimizer->refresh();
    const OptimizerSpec& optimizer = training.optimizer;
    if (!training.passes.update || optimizer.kind == OptimizerSpec::Kind::None)
        m_caption->setFullText(tr("γ, β stay"));
    else
        m_caption->setFullText(
            tr("γ, β by %1, lr %2")
                .arg(optimizer.kind == OptimizerSpec::Kind::Sgd ? QStringLiteral("SGD") : QStringLiteral("Adam"),
                     settingText(optimizer.lr)));
    refreshStep();
}

void TrainingPanel::refreshStep() {
    const auto& lane = m_session.shown().lane;
    const std::optional<double> loss = lane ? lane->loss : std::nullopt;
    m_lossValue->setText(loss ? formatNumber(*loss) : QStringLiteral("–"));
    m_lossValue->setToolTip(
        loss ? tr("%1: the loss of the displayed step, mean over all values of y.").arg(formatExact(*loss))
             : tr("The displayed step has no loss."));
    m_lossValue->setFont(Theme::instance().numberFont(-1));
}

QWidget* TrainingPanel::header() const {
    return m_caption;
}

}  // namespace bnstudio
