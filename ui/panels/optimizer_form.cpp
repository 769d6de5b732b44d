// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/optimizer_form.h"

#include "ui/format.h"
#include "ui/panels/apply_setting.h"
#include "ui/widgets/commit_field.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"
#include "ui/widgets/toggle_switch.h"

#include <QComboBox>
#include <QLabel>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace bnstudio {
namespace {

constexpr int labelCharacters = 12;

}  // namespace

OptimizerForm::OptimizerForm(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_kind(new QComboBox), m_pages(new QStackedWidget) {
    introduce(m_kind, "optimizerCombo", tr("Optimiser"),
              tr("How γ and β follow their gradients when the update pass is on."));
    m_kind->addItems({tr("none"), QStringLiteral("SGD"), QStringLiteral("Adam")});
    auto* none = new QWidget;
    auto* noneColumn = new QVBoxLayout(none);
    noneColumn->setContentsMargins(0, 0, 0, 0);
    noneColumn->addWidget(makeNote(tr("γ and β stay as they are.")));
    noneColumn->addStretch(1);
    m_pages->addWidget(none);
    m_pages->addWidget(makeSgdPage());
    m_pages->addWidget(makeAdamPage());
    auto* rows = new FormRows(labelCharacters);
    rows->addRow(tr("Optimiser"), m_kind);
    rows->addWide(m_pages);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(rows);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(m_kind, &QComboBox::activated, this, [this](int index) {
        OptimizerSpec optimizer = m_session.settings().training.optimizer;
        optimizer.kind = static_cast<OptimizerSpec::Kind>(index);
        change(optimizer);
    });
}

CommitField* OptimizerForm::addField(const char* id, const QString& name, const QString& sentence,
                                     double OptimizerSpec::*member, bool isFraction) {
    auto* field = new CommitField;
    introduce(field, id, name, sentence);
    m_entries.push_back({field, name, member, isFraction});
    connect(field, &CommitField::committed, this, [this, i = m_entries.size() - 1] { commit(m_entries[i]); });
    return field;
}

QWidget* OptimizerForm::makeSgdPage() {
    auto* rows = new FormRows(labelCharacters);
    rows->addRow(tr("lr"),
                 addField("sgdLrField", tr("learning rate"),
                          tr("The learning rate: how far γ and β move along the gradient."), &OptimizerSpec::lr));
    m_nesterov = new ToggleSwitch;
    introduce(m_nesterov, "nesterovSwitch", tr("nesterov"),
              tr("Looks ahead along the momentum before it corrects; it needs a momentum above 0."));
    rows->addPair(tr("mom., nest."),
                  addField("sgdMomentumField", tr("momentum of SGD"),
                           tr("The share of the last move that is kept; not the layer's momentum."),
                           &OptimizerSpec::momentum),
                  m_nesterov);
    rows->addRow(tr("weight decay"), addField("sgdWeightDecayField", tr("weight decay"),
                                              tr("Adds this times γ or β to its gradient, which pulls them to 0."),
                                              &OptimizerSpec::weightDecay));
    connect(m_nesterov, &ToggleSwitch::clicked, this, [this](bool on) {
        OptimizerSpec optimizer = m_session.settings().training.optimizer;
        optimizer.nesterov = on;
        change(optimizer);
    });
    return rows;
}

QWidget* OptimizerForm::makeAdamPage() {
    auto* rows = new FormRows(labelCharacters);
    rows->addPair(tr("lr, eps"),
                  addField("adamLrField", tr("learning rate"),
                           tr("The learning rate: about how far γ and β move in a step."), &OptimizerSpec::lr),
                  addField("adamEpsField", tr("eps of Adam"),
                           tr("Added to the root of the second moment; not the layer's eps."), &OptimizerSpec::eps));
    rows->addPair(
        tr("beta1, beta2"),
        addField("beta1Field", tr("beta1"), tr("How slowly the mean gradient forgets."), &OptimizerSpec::beta1, true),
        addField("beta2Field", tr("beta2"), tr("How slowly the mean squared gradient forgets."), &OptimizerSpec::beta2,
                 true));
    rows->addRow(tr("weight decay"), addField("adamWeightDecayField", tr("weight decay"),
                                              tr("Adds this times γ or β to its gradient, as torch.optim.Adam does."),
                                              &OptimizerSpec::weightDecay));
    return rows;
}

void OptimizerForm::commit(const Entry& entry) {
    OptimizerSpec optimizer = m_session.settings().training.optimizer;
    double value = 0;
    if (!readNumber(m_session, *entry.field, entry.name, value))
        return;
    if (value < 0 || (entry.isFraction && value >= 1)) {
        const QString expected =
            entry.isFraction ? tr("a number from 0 up to but without 1") : tr("a number of at least 0");
        refuseText(m_session, *entry.field,
                   tr("%1: got %2, expected %3.").arg(entry.name, formatExact(value), expected));
        return;
    }
    optimizer.*entry.member = value;
    change(optimizer);
}

void OptimizerForm::change(OptimizerSpec optimizer) {
    // nesterov without momentum is an error in PyTorch.
    if (optimizer.momentum == 0)
        optimizer.nesterov = false;
    applySetting(m_session, SetOptimizer{optimizer});
}

void OptimizerForm::refresh() {
    const OptimizerSpec optimizer = m_session.settings().training.optimizer;
    m_kind->setCurrentIndex(static_cast<int>(optimizer.kind));
    m_pages->setCurrentIndex(static_cast<int>(optimizer.kind));
    for (const Entry& entry : m_entries)
        entry.field->showValue(formatExact(optimizer.*entry.member));
    m_nesterov->setEnabled(optimizer.momentum > 0);
    m_nesterov->setChecked(optimizer.nesterov);
}

}  // namespace bnstudio
