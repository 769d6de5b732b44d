// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/schedule_form.h"

#include "ui/panels/apply_setting.h"
#include "ui/widgets/commit_field.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"
#include "ui/widgets/number_list.h"
#include "ui/widgets/toggle_switch.h"

#include <QComboBox>
#include <QVBoxLayout>

#include <algorithm>

namespace bnstudio {
namespace {

bool hasSamples(const DataSpec& data) {
    return std::any_of(data.sources.begin(), data.sources.end(),
                       [](const SourceSpec& source) { return !std::holds_alternative<GeneratorSpec>(source); });
}

/// A whole number of at least 1, the whole of the text.
std::optional<std::int64_t> readCount(const QString& text) {
    bool ok = false;
    const qlonglong value = text.trimmed().toLongLong(&ok);
    return ok && value >= 1 ? std::optional<std::int64_t>(value) : std::nullopt;
}

}  // namespace

ScheduleForm::ScheduleForm(Session& session, QWidget* parent) : QWidget(parent), m_session(session) {
    makeFields();
    m_rows = new FormRows(12);
    m_rows->addRow(tr("Batch size"), m_batchSize);
    m_rows->addPair(tr("Shuffle, seed"), m_shuffle, m_shuffleSeed);
    m_rows->addRow(tr("Drop last"), m_dropLast);
    m_rows->addPair(tr("Order, repeat"), m_order, m_repeat);
    m_rows->addRow(tr("Pinned rows"), m_pinnedRows);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_rows);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(m_batchSize, &CommitField::committed, this, &ScheduleForm::commitBatchSize);
    connect(m_shuffleSeed, &CommitField::committed, this, &ScheduleForm::commitShuffleSeed);
    connect(m_repeat, &CommitField::committed, this, &ScheduleForm::commitRepeat);
    connect(m_pinnedRows, &CommitField::committed, this, &ScheduleForm::commitPinnedRows);
    connect(m_order, &QComboBox::activated, this, &ScheduleForm::chooseOrder);
    connect(m_shuffle, &ToggleSwitch::clicked, this, [this](bool on) {
        DataSpec spec = m_session.recipe().data;
        spec.shuffleSeed = on ? std::optional<std::uint64_t>(0) : std::nullopt;
        edit(on ? tr("Shuffle samples") : tr("Samples in order"), std::move(spec));
    });
    connect(m_dropLast, &ToggleSwitch::clicked, this, [this](bool on) {
        DataSpec spec = m_session.recipe().data;
        spec.dropLast = on;
        edit(on ? tr("Drop the last, smaller batch") : tr("Keep the last, smaller batch"), std::move(spec));
    });
}

void ScheduleForm::makeFields() {
    m_batchSize = new CommitField;
    introduce(m_batchSize, "batchSizeField", tr("Batch size"),
              tr("Samples a batch; empty takes all samples of a tensor as one batch."));
    m_batchSize->setPlaceholderText(tr("all samples"));
    m_shuffle = new ToggleSwitch;
    introduce(m_shuffle, "shuffleSwitch", tr("Shuffle"),
              tr("A new order of the samples in every epoch, the same for the same seed."));
    m_shuffleSeed = new CommitField;
    introduce(m_shuffleSeed, "shuffleSeedField", tr("Shuffle seed"), tr("The seed of the order of the samples."));
    m_dropLast = new ToggleSwitch;
    introduce(
        m_dropLast, "dropLastSwitch", tr("Drop last"),
        tr("Leaves out the last batch when it is smaller; a last batch of one sample would be refused in train."));
    m_order = new QComboBox;
    introduce(m_order, "orderCombo", tr("Order"),
              tr("Which batch a step sees: all of one source after the other, or one of each source in turn."));
    m_order->addItem(tr("in order"), static_cast<int>(Schedule::Order::InOrder));
    m_order->addItem(tr("in turn"), static_cast<int>(Schedule::Order::Alternating));
    m_order->setMinimumContentsLength(3);
    m_order->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_repeat = new CommitField;
    introduce(m_repeat, "repeatField", tr("Repeat"),
              tr("How many steps in a row see the same batch, as activation checkpointing does with 2."));
    m_repeat->setMaximumWidth(m_repeat->fontMetrics().averageCharWidth() * 2 + 18);
    m_pinnedRows = new CommitField;
    introduce(m_pinnedRows, "pinnedRowsField", tr("Pinned rows"),
              tr("Samples that stay what they are at step 0 while their batch mates change, like 0, 3-5."));
    m_pinnedRows->setPlaceholderText(tr("none"));
}

void ScheduleForm::edit(const QString& text, DataSpec spec) {
    Recipe next = m_session.recipe();
    next.data = std::move(spec);
    m_session.edit(text, std::move(next));
}

void ScheduleForm::commitBatchSize(const QString& text) {
    DataSpec spec = m_session.recipe().data;
    spec.batchSize = readCount(text);
    if (!spec.batchSize && !text.trimmed().isEmpty()) {
        refuseText(
            m_session, *m_batchSize,
            tr("Batch size: “%1” is not a whole number of at least 1; leave it empty for all samples.").arg(text));
        return;
    }
    edit(spec.batchSize ? tr("Batch size %1").arg(*spec.batchSize) : tr("All samples in one batch"), std::move(spec));
}

void ScheduleForm::commitShuffleSeed(const QString& text) {
    DataSpec spec = m_session.recipe().data;
    std::uint64_t seed = 0;
    if (!parseSeed(text, seed)) {
        refuseText(m_session, *m_shuffleSeed, tr("Shuffle seed: “%1” is not a whole number of at least 0.").arg(text));
        return;
    }
    spec.shuffleSeed = seed;
    edit(tr("Shuffle with seed %1").arg(seed), std::move(spec));
}

void ScheduleForm::commitRepeat(const QString& text) {
    DataSpec spec = m_session.recipe().data;
    const auto repeat = readCount(text);
    if (!repeat) {
        refuseText(m_session, *m_repeat, tr("Repeat: “%1” is not a whole number of at least 1.").arg(text));
        return;
    }
    spec.schedule.repeat = *repeat;
    edit(tr("Each batch %1 times").arg(*repeat), std::move(spec));
}

void ScheduleForm::commitPinnedRows(const QString& text) {
    DataSpec spec = m_session.recipe().data;
    if (!parseRowList(text, spec.schedule.pinnedRows)) {
        refuseText(m_session, *m_pinnedRows, tr("Pinned rows: “%1” is not a list of samples like 0, 3-5.").arg(text));
        return;
    }
    edit(tr("Pinned rows %1").arg(rowListText(spec.schedule.pinnedRows)), std::move(spec));
}

void ScheduleForm::chooseOrder(int index) {
    DataSpec spec = m_session.recipe().data;
    const auto order = static_cast<Schedule::Order>(m_order->itemData(index).toInt());
    if (order == spec.schedule.order)
        return;
    spec.schedule.order = order;
    spec.schedule.steps.clear();
    edit(tr("Batches %1").arg(m_order->itemText(index)), std::move(spec));
}

void ScheduleForm::refresh() {
    const DataSpec& spec = m_session.recipe().data;
    const bool samples = hasSamples(spec);
    m_rows->setRowVisible(m_batchSize, samples);
    m_rows->setRowVisible(m_shuffle, samples);
    m_rows->setRowVisible(m_dropLast, samples);
    m_batchSize->showValue(spec.batchSize ? QString::number(*spec.batchSize) : QString());
    m_shuffle->setChecked(spec.shuffleSeed.has_value());
    m_shuffleSeed->setEnabled(spec.shuffleSeed.has_value());
    m_shuffleSeed->showValue(spec.shuffleSeed ? QString::number(*spec.shuffleSeed) : QString());
    m_dropLast->setChecked(spec.dropLast);
    // A list of steps can only come from a recipe; it is shown as long as it is in force.
    const int listed = static_cast<int>(Schedule::Order::Explicit);
    const int present = m_order->findData(listed);
    if (spec.schedule.order == Schedule::Order::Explicit && present < 0)
        m_order->addItem(tr("as listed"), listed);
    else if (spec.schedule.order != Schedule::Order::Explicit && present >= 0)
        m_order->removeItem(present);
    m_order->setCurrentIndex(m_order->findData(static_cast<int>(spec.schedule.order)));
    m_repeat->showValue(QString::number(spec.schedule.repeat));
    m_pinnedRows->showValue(rowListText(spec.schedule.pinnedRows));
}

}  // namespace bnstudio
