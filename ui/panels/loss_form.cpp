// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/loss_form.h"

#include "ui/panels/apply_setting.h"
#include "ui/widgets/commit_field.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"
#include "ui/widgets/number_list.h"
#include "ui/widgets/value_table_dialog.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace bnstudio {
namespace {

constexpr int labelCharacters = 12;

QComboBox* makeCombo(const char* id, const QString& name, const QString& sentence, const QStringList& items) {
    auto* combo = new QComboBox;
    introduce(combo, id, name, sentence);
    combo->addItems(items);
    combo->setMinimumContentsLength(6);
    combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    return combo;
}

/// Pages keep to the top, whatever the height of the tallest one.
QWidget* topped(QWidget* content) {
    auto* page = new QWidget;
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(content);
    column->addStretch(1);
    return page;
}

std::vector<double> widened(const std::vector<double>& values, std::int64_t channels) {
    std::vector<double> wide(static_cast<std::size_t>(channels));
    for (std::size_t c = 0; c < wide.size(); ++c)
        wide[c] = perChannel(values, static_cast<std::int64_t>(c));
    return wide;
}

bool fits(const std::vector<double>& values, std::int64_t channels) {
    return values.size() == 1 || static_cast<std::int64_t>(values.size()) == channels;
}

}  // namespace

LossForm::LossForm(Session& session, QWidget* parent) : QWidget(parent), m_session(session) {
    makeFields();
    m_pages = new QStackedWidget;
    m_pages->addWidget(makeUpstreamPage());
    m_pages->addWidget(makeTargetPage());
    m_pages->addWidget(makeTeacherPage());
    m_pages->addWidget(topped(makeNote(tr("The upstream gradient is 1 for every value of y."))));
    auto* rows = new FormRows(labelCharacters);
    rows->addRow(tr("Loss"), m_loss);
    rows->addWide(m_pages);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(rows);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void LossForm::makeFields() {
    m_loss = makeCombo("lossCombo", tr("Loss"), tr("What is minimised; its derivative by y starts the backward pass."),
                       {tr("none"), tr("MSE, value"), tr("MSE, channels"), tr("MSE, teacher"), tr("sum of y")});
    m_upstream = makeCombo("upstreamCombo", tr("Upstream gradient"),
                           tr("Without a loss: the gradient dy that a layer above would send down."),
                           {tr("none"), tr("ones"), tr("random"), tr("from a file")});
    m_upstreamSeed = new CommitField;
    introduce(m_upstreamSeed, "upstreamSeedField", tr("Upstream seed"),
              tr("The seed of the random gradient: standard normal values."));
    m_gradientFile = new QPushButton(tr("Gradient file…"));
    introduce(m_gradientFile, "gradientFileButton", tr("Gradient file…"),
              tr("Choose a file of gradients, batched like the data."));
    m_target = new CommitField;
    introduce(m_target, "targetField", tr("Target"),
              tr("The value every y should have: one number, or one a channel, 0/1/-2."));
    m_teacherWeight = new CommitField;
    introduce(m_teacherWeight, "teacherWeightField", tr("γ* of the teacher"),
              tr("γ* of the teacher: the target is γ* · x̂ + β*, so that γ should come to γ*."));
    m_teacherBias = new CommitField;
    introduce(m_teacherBias, "teacherBiasField", tr("β* of the teacher"),
              tr("β* of the teacher: the target is γ* · x̂ + β*, so that β should come to β*."));
    connect(m_loss, &QComboBox::activated, this, &LossForm::choose);
    connect(m_upstream, &QComboBox::activated, this, &LossForm::chooseUpstream);
    connect(m_upstreamSeed, &CommitField::committed, this, &LossForm::commitUpstreamSeed);
    connect(m_gradientFile, &QPushButton::clicked, this, &LossForm::openGradientFileRequested);
    connect(m_target, &CommitField::committed, this,
            [this](const QString& text) { commitList(m_target, &LossSpec::target, text); });
    connect(m_teacherWeight, &CommitField::committed, this,
            [this](const QString& text) { commitList(m_teacherWeight, &LossSpec::teacherWeight, text); });
    connect(m_teacherBias, &CommitField::committed, this,
            [this](const QString& text) { commitList(m_teacherBias, &LossSpec::teacherBias, text); });
}

QWidget* LossForm::makeUpstreamPage() {
    m_upstreamRows = new FormRows(labelCharacters);
    m_upstreamRows->addRow(tr("Upstream dy"), m_upstream);
    m_upstreamRows->addRow(tr("Seed"), m_upstreamSeed);
    m_upstreamRows->addWide(m_gradientFile);
    return topped(m_upstreamRows);
}

QWidget* LossForm::makeTargetPage() {
    auto* rows = new FormRows(labelCharacters);
    auto* table = new QToolButton;
    table->setText(QStringLiteral("…"));
    table->setStyleSheet(QStringLiteral("padding: 3px 4px;"));
    introduce(table, "targetTableButton", tr("Target per channel…"), tr("A table of the target of each channel."));
    connect(table, &QToolButton::clicked, this, &LossForm::openTable);
    rows->addPair(tr("Target"), m_target, table);
    return topped(rows);
}

QWidget* LossForm::makeTeacherPage() {
    auto* rows = new FormRows(labelCharacters);
    auto* table = new QToolButton;
    table->setText(QStringLiteral("…"));
    table->setStyleSheet(QStringLiteral("padding: 3px 4px;"));
    introduce(table, "teacherTableButton", tr("γ*, β* per channel…"), tr("A table of γ* and β* of each channel."));
    connect(table, &QToolButton::clicked, this, &LossForm::openTable);
    rows->addPair(tr("Teacher γ*"), m_teacherWeight, table);
    rows->addRow(tr("Teacher β*"), m_teacherBias);
    return topped(rows);
}

LossForm::Choice LossForm::choiceOf(const LossSpec& loss) {
    switch (loss.kind) {
    case LossSpec::Kind::None:
        return NoLoss;
    case LossSpec::Kind::MseTarget:
        return loss.target.size() > 1 ? PerChannel : ToValue;
    case LossSpec::Kind::MseTeacher:
        return ToTeacher;
    case LossSpec::Kind::Sum:
        return Sum;
    }
    return NoLoss;
}

void LossForm::choose(int index) {
    LossSpec loss = m_session.settings().training.loss;
    constexpr LossSpec::Kind kinds[] = {LossSpec::Kind::None, LossSpec::Kind::MseTarget, LossSpec::Kind::MseTarget,
                                        LossSpec::Kind::MseTeacher, LossSpec::Kind::Sum};
    loss.kind = kinds[index];
    const std::int64_t channels = m_session.channels();
    if (index == ToValue)
        loss.target.resize(1);
    if (index == PerChannel)
        loss.target = widened(loss.target, channels);
    if (index == ToTeacher && !fits(loss.teacherWeight, channels))
        loss.teacherWeight.resize(1);
    if (index == ToTeacher && !fits(loss.teacherBias, channels))
        loss.teacherBias.resize(1);
    applySetting(m_session, SetLoss{loss});
    // One channel has one target either way; the entry in force is shown again.
    refresh();
}

void LossForm::chooseUpstream(int index) {
    UpstreamSpec upstream = m_session.settings().training.upstream;
    upstream.kind = static_cast<UpstreamSpec::Kind>(index);
    if (upstream.kind == UpstreamSpec::Kind::Source && m_session.recipe().data.gradients.empty()) {
        refresh();
        emit openGradientFileRequested();
        return;
    }
    applySetting(m_session, SetUpstream{upstream});
}

void LossForm::commitUpstreamSeed(const QString& text) {
    UpstreamSpec upstream = m_session.settings().training.upstream;
    if (parseSeed(text, upstream.seed))
        applySetting(m_session, SetUpstream{upstream});
    else
        refuseText(m_session, *m_upstreamSeed, tr("Seed: “%1” is not a whole number of at least 0.").arg(text));
}

void LossForm::commitList(CommitField* field, std::vector<double> LossSpec::*member, const QString& text) {
    LossSpec loss = m_session.settings().training.loss;
    QString problem;
    if (parseNumberList(text, m_session.channels(), loss.*member, problem))
        applySetting(m_session, SetLoss{loss});
    else
        refuseText(m_session, *field, field->accessibleName() + QStringLiteral(": ") + problem);
}

void LossForm::openTable() {
    const LossSpec loss = m_session.settings().training.loss;
    const std::int64_t channels = m_session.channels();
    std::vector<ValueColumn> columns;
    if (loss.kind == LossSpec::Kind::MseTeacher)
        columns = {{tr("γ*"), widened(loss.teacherWeight, channels)}, {tr("β*"), widened(loss.teacherBias, channels)}};
    else
        columns = {{tr("target"), widened(loss.target, channels)}};
    auto* dialog = new ValueTableDialog(tr("Loss per channel"), m_session, columns, this);
    dialog->setObjectName(QStringLiteral("lossTableDialog"));
    connect(dialog, &ValueTableDialog::accepted, this, [this, dialog, loss] {
        LossSpec next = loss;
        if (loss.kind == LossSpec::Kind::MseTeacher) {
            next.teacherWeight = dialog->values(0);
            next.teacherBias = dialog->values(1);
        } else {
            next.target = dialog->values(0);
        }
        applySetting(m_session, SetLoss{next});
    });
    dialog->open();
}

void LossForm::refresh() {
    const TrainingSpec training = m_session.settings().training;
    const Choice choice = choiceOf(training.loss);
    m_loss->setCurrentIndex(choice);
    constexpr int pages[] = {0, 1, 1, 2, 3};
    m_pages->setCurrentIndex(pages[choice]);
    m_upstream->setCurrentIndex(static_cast<int>(training.upstream.kind));
    m_upstreamSeed->showValue(QString::number(training.upstream.seed));
    m_upstreamRows->setRowVisible(m_upstreamSeed, training.upstream.kind == UpstreamSpec::Kind::Random);
    m_upstreamRows->setRowVisible(m_gradientFile, training.upstream.kind == UpstreamSpec::Kind::Source);
    m_target->showValue(numberListText(training.loss.target));
    m_teacherWeight->showValue(numberListText(training.loss.teacherWeight));
    m_teacherBias->showValue(numberListText(training.loss.teacherBias));
}

}  // namespace bnstudio
