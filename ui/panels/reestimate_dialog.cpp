// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/reestimate_dialog.h"

#include "core/error.h"
#include "ui/models/sample_table_model.h"
#include "ui/session/background_task.h"
#include "ui/session/state_saving.h"
#include "ui/theme.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"

#include <QApplication>
#include <QClipboard>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QTableView>
#include <QVBoxLayout>

#include <limits>

namespace bnstudio {

namespace {

constexpr int endlessBatches = 100;  // for generators, which have no end

int passLength(const Session& session) {
    const auto steps = session.facts().stepsPerEpoch;
    constexpr std::int64_t most = std::numeric_limits<int>::max();
    return steps ? static_cast<int>(std::clamp<std::int64_t>(*steps, 1, most)) : endlessBatches;
}

LayerState shownState(const Session& session) {
    return session.shown().state ? session.shown().state->layer.state() : LayerState{};
}

}  // namespace

ReestimateDialog::ReestimateDialog(Session& session, const QString& prefix, QWidget* parent)
    : QDialog(parent),
      m_session(session),
      m_recipe(session.recipe()),
      m_before(shownState(session)),
      m_batches(new QSpinBox),
      m_prefix(new QLineEdit(prefix)),
      m_note(makeNote()),
      m_progress(new QProgressBar),
      m_table(new SampleTableModel(this)),
      m_line(new QLineEdit) {
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("reestimateDialog"));
    setWindowTitle(tr("Re-estimate the running statistics"));
    auto* sentence =
        new QLabel(tr("Resets the running statistics, sets momentum to None and goes once over the batches "
                      "of the present run, so that every batch weighs the same. γ and β stay as they are."));
    sentence->setObjectName(QStringLiteral("sentence"));
    sentence->setWordWrap(true);
    auto* column = new QVBoxLayout(this);
    column->setSpacing(10);
    column->addWidget(sentence);
    column->addWidget(makeSettings());
    column->addWidget(makeResult(), 1);
    column->addWidget(makeButtons());
    resize(760, 560);
    refreshButtons();
}

ReestimateDialog::~ReestimateDialog() {
    stop();
}

QWidget* ReestimateDialog::makeSettings() {
    m_batches->setRange(1, std::numeric_limits<int>::max());
    m_batches->setValue(passLength(m_session));
    introduce(m_batches, "reestimateBatches", tr("Batches"),
              tr("How many batches to go over; once through the data where they have an end."));
    introduce(m_prefix, "reestimatePrefix", tr("Prefix of the keys"),
              tr("Where the layer is in its model, such as net.1. with the dot."));
    m_prefix->setPlaceholderText(tr("none: a layer of its own"));
    m_compute = new QPushButton(tr("Compute"));
    introduce(m_compute, "reestimateCompute", tr("Compute"), tr("Goes over the batches."));
    connect(m_compute, &QPushButton::clicked, this, &ReestimateDialog::compute);
    auto* rows = new FormRows(18);
    rows->addPair(tr("Batches"), m_batches, m_compute);
    rows->addRow(tr("Prefix of the keys"), m_prefix);
    return rows;
}

QWidget* ReestimateDialog::makeResult() {
    m_progress->setRange(0, 1000);
    m_progress->hide();
    m_note->setObjectName(QStringLiteral("reestimateNote"));
    m_note->setWordWrap(true);
    m_note->setText(tr("The new statistics will stand here beside those of the displayed step."));
    auto* table = new QTableView;
    introduce(table, "reestimateTable", tr("Statistics"), tr("Old and new running statistics, a row a channel."));
    table->setModel(m_table);
    table->setTabKeyNavigation(false);
    fitToText(table, [table] { table->verticalHeader()->setDefaultSectionSize(Theme::instance().scaled(22)); });
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    auto* side = new QWidget;
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(table, 1);
    column->addWidget(m_progress);
    column->addWidget(m_note);
    return side;
}

QWidget* ReestimateDialog::makeButtons() {
    introduce(m_line, "reestimateLine", tr("Line of Python"), tr("Puts the saved statistics into the model."));
    m_line->setReadOnly(true);
    m_line->setPlaceholderText(tr("After saving: the line of Python that puts the statistics into your model."));
    m_copy = new QPushButton(tr("Copy"));
    introduce(m_copy, "reestimateCopy", tr("Copy the line"), tr("Puts the line of Python on the clipboard."));
    connect(m_copy, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(m_line->text()); });
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    m_save = buttons->addButton(tr("Save buffers…"), QDialogButtonBox::ActionRole);
    introduce(m_save, "reestimateSave", tr("Save buffers…"),
              tr("Writes the three buffers under their prefix; weight and bias are not in the file."));
    m_use = buttons->addButton(tr("Use as start state"), QDialogButtonBox::ActionRole);
    introduce(m_use, "reestimateUse", tr("Use as start state"), tr("The run starts from the new statistics."));
    for (QPushButton* button : {m_compute, m_save, m_use, m_copy})
        button->setAutoDefault(button == m_compute);
    connect(m_save, &QPushButton::clicked, this, &ReestimateDialog::chooseAndSave);
    connect(m_use, &QPushButton::clicked, this, &ReestimateDialog::useAsStart);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* line = new QHBoxLayout;
    line->addWidget(m_line, 1);
    line->addWidget(m_copy);
    auto* bottom = new QWidget;
    auto* column = new QVBoxLayout(bottom);
    column->setContentsMargins(0, 0, 0, 0);
    column->addLayout(line);
    column->addWidget(buttons);
    return bottom;
}

// --- computing -----------------------------------------------------------------------------------------------------

void ReestimateDialog::compute() {
    stop();
    m_result.reset();
    m_progress->setValue(0);
    m_progress->show();
    auto result = std::make_shared<Reestimated>();
    m_task = new BackgroundTask(
        [recipe = m_recipe, batches = m_batches->value(), result](const BackgroundTask::Report& report,
                                                                  const std::stop_token& token) {
            *result = reestimateStatistics(recipe, batches, report, token);
        },
        QCoreApplication::instance());
    connect(m_task, &BackgroundTask::progressed, this,
            [this](double part) { m_progress->setValue(static_cast<int>(part * 1000)); });
    connect(m_task, &BackgroundTask::finished, this, [this, result](const QString& error) {
        m_task = nullptr;
        m_progress->hide();
        if (error.isEmpty())
            m_result = *result;
        m_note->setText(error);
        showResult();
    });
    refreshButtons();
}

void ReestimateDialog::stop() {
    if (m_task) {
        m_task->disconnect(this);
        std::exchange(m_task, nullptr)->cancel();
    }
}

void ReestimateDialog::showResult() {
    refreshButtons();
    if (!m_result)
        return m_table->setSample({});
    TensorSample table;
    table.columns = {tr("running_mean"), tr("new"), tr("running_var"), tr("new")};
    const auto old = [](const std::optional<ChannelVector>& values, std::size_t c) {
        return values && c < values->size() ? (*values)[c] : std::numeric_limits<double>::quiet_NaN();
    };
    for (std::size_t c = 0; c < m_result->runningMean.size(); ++c) {
        table.rows << m_session.channelName(static_cast<std::int64_t>(c));
        for (const double value : {old(m_before.runningMean, c), m_result->runningMean[c], old(m_before.runningVar, c),
                                   m_result->runningVar[c]})
            table.values.push_back(value);
    }
    m_table->setSample(std::move(table));
    QString note = tr("%1 batches went into the new statistics.").arg(m_result->numBatchesTracked);
    if (m_result->refused > 0)
        note +=
            u' ' + tr("%1 were refused: %2").arg(m_result->refused).arg(QString::fromStdString(m_result->firstError));
    m_note->setText(note);
}

void ReestimateDialog::refreshButtons() {
    m_compute->setEnabled(!m_task);
    m_save->setEnabled(m_result.has_value());
    m_use->setEnabled(m_result.has_value());
    m_copy->setEnabled(!m_line->text().isEmpty());
}

// --- using ---------------------------------------------------------------------------------------------------------

void ReestimateDialog::chooseAndSave() {
    const QString path = QFileDialog::getSaveFileName(this, tr("Save the buffers"),
                                                      QStringLiteral("statistics.safetensors"), stateFileFilter());
    if (!path.isEmpty())
        saveTo(path);
}

void ReestimateDialog::saveTo(const QString& path) {
    if (!m_result)
        return;
    try {
        const StateDict buffers = buffersOf(m_result->runningMean, m_result->runningVar, m_result->numBatchesTracked,
                                            m_recipe.lanes.front().layer.dtype);
        saveStateDict(buffers, m_prefix->text().toStdString(), path);
        m_line->setText(loadingLine(path));
        m_line->setCursorPosition(0);
    } catch (const Error& error) {
        m_note->setText(QString::fromUtf8(error.what()));
    }
    refreshButtons();
}

void ReestimateDialog::useAsStart() {
    Recipe next = m_session.recipe();
    LaneSpec& lane = next.lanes.front();
    if (!lane.initialState) {
        LayerOptions options = lane.layer;
        options.numFeatures = static_cast<std::int64_t>(m_result->runningMean.size());
        lane.initialState = BatchNorm1d(options).state();
    }
    lane.initialState->runningMean = m_result->runningMean;
    lane.initialState->runningVar = m_result->runningVar;
    lane.initialState->numBatchesTracked = m_result->numBatchesTracked;
    m_session.edit(tr("re-estimated statistics"), std::move(next));
    accept();
}

}  // namespace bnstudio
