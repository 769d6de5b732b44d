// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/layer_audit_dialog.h"

#include "ui/models/sample_table_model.h"
#include "ui/session/background_task.h"
#include "ui/theme.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace bnstudio {

namespace {

/// γ, β and the running statistics, a row a channel.
TensorSample valuesOf(const LayerState& state, std::int64_t channels) {
    TensorSample table;
    const std::pair<const char*, const std::optional<ChannelVector>&> columns[]{
        {"γ", state.weight}, {"β", state.bias}, {"running mean", state.runningMean}, {"running var", state.runningVar}};
    for (const auto& [title, values] : columns)
        if (values)
            table.columns << QString::fromUtf8(title);
    for (std::int64_t c = 0; c < channels; ++c) {
        table.rows << QString::number(c);
        for (const auto& [title, values] : columns)
            if (values)
                table.values.push_back(values->at(static_cast<std::size_t>(c)));
    }
    return table;
}

}  // namespace

LayerAuditDialog::LayerAuditDialog(std::shared_ptr<const FileContents> contents, std::vector<LayerAudit> layers,
                                   std::int64_t presentChannels, QWidget* parent)
    : QDialog(parent),
      m_contents(std::move(contents)),
      m_presentChannels(presentChannels),
      m_model(new AuditModel(std::move(layers), this)),
      m_rows(new QSortFilterProxyModel(this)),
      m_table(new QTableView),
      m_filter(new QLineEdit),
      m_title(new QLabel),
      m_findings(new QLabel),
      m_values(new SampleTableModel(this)),
      m_data(new QComboBox) {
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("layerAudit"));
    setWindowTitle(
        tr("Batch-norm layers of %1").arg(QString::fromStdString(m_contents->file.path.filename().string())));
    auto* summary = makeNote(tr("%1 batch-norm layers, %2 with something suspicious, the worst first.")
                                 .arg(m_model->rowCount())
                                 .arg(m_model->suspiciousCount()));
    summary->setObjectName(QStringLiteral("auditSummary"));
    auto* parts = new QSplitter;
    parts->addWidget(makeList());
    parts->addWidget(makeDetails());
    parts->setChildrenCollapsible(false);
    auto* column = new QVBoxLayout(this);
    column->setSpacing(10);
    column->addWidget(summary);
    column->addWidget(parts, 1);
    column->addWidget(makeButtons());
    resize(1040, 620);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &LayerAuditDialog::showCurrent);
    m_table->selectRow(0);
    m_table->setFocus();
}

LayerAuditDialog::~LayerAuditDialog() {
    stop();
}

QWidget* LayerAuditDialog::makeList() {
    introduce(m_filter, "auditFilter", tr("Filter"), tr("Shows only layers whose names hold these letters."));
    m_filter->setPlaceholderText(tr("Type to filter the layers"));
    m_filter->setClearButtonEnabled(true);
    introduce(m_table, "auditTable", tr("Layers"), tr("Enter loads the layer of this row as the start state."));
    m_rows->setSourceModel(m_model);
    m_rows->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_table->setModel(m_rows);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setTabKeyNavigation(false);
    m_table->setShowGrid(false);
    m_table->setTextElideMode(Qt::ElideMiddle);
    m_table->verticalHeader()->hide();
    fitToText(m_table, [this] { m_table->verticalHeader()->setDefaultSectionSize(Theme::instance().scaled(24)); });
    m_table->horizontalHeader()->setSectionResizeMode(AuditModel::Layer, QHeaderView::Stretch);
    m_table->setColumnWidth(AuditModel::Features, 72);
    m_table->setColumnWidth(AuditModel::Suspicion, 176);
    m_table->setColumnWidth(AuditModel::Findings, 52);
    m_table->installEventFilter(this);
    m_filter->installEventFilter(this);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_rows->setFilterFixedString(text.trimmed());
        m_table->selectRow(0);
        showCurrent();
    });
    connect(m_table, &QTableView::doubleClicked, this, &LayerAuditDialog::accept);
    auto* side = new QWidget;
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_filter);
    column->addWidget(m_table, 1);
    return side;
}

QWidget* LayerAuditDialog::makeDetails() {
    useFont(m_title, TextRole::Bold);
    m_title->setObjectName(QStringLiteral("auditTitle"));
    m_title->setWordWrap(true);
    m_findings->setObjectName(QStringLiteral("auditFindings"));
    m_findings->setWordWrap(true);
    m_findings->setTextFormat(Qt::PlainText);
    m_findings->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* values = new QTableView;
    introduce(values, "auditValues", tr("Values of the layer"), tr("Parameters and statistics, a row a channel."));
    values->setModel(m_values);
    values->setTabKeyNavigation(false);
    fitToText(values, [values] { values->verticalHeader()->setDefaultSectionSize(Theme::instance().scaled(22)); });
    values->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    auto* side = new QWidget;
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(8, 0, 0, 0);
    column->setSpacing(8);
    column->addWidget(m_title);
    column->addWidget(m_findings);
    column->addWidget(values, 1);
    return side;
}

QWidget* LayerAuditDialog::makeButtons() {
    introduce(m_data, "auditData", tr("Batches"), tr("The batches with which the layer goes on."));
    auto* buttons = new QDialogButtonBox;
    m_load = buttons->addButton(tr("Load as start state"), QDialogButtonBox::AcceptRole);
    introduce(m_load, "auditLoad", tr("Load as start state"), tr("The run starts from the state of this layer."));
    auto* browse = buttons->addButton(tr("All tensors…"), QDialogButtonBox::ActionRole);
    introduce(browse, "auditBrowse", tr("All tensors…"), tr("Everything that is in the file."));
    buttons->addButton(QDialogButtonBox::Cancel);
    connect(buttons, &QDialogButtonBox::accepted, this, &LayerAuditDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &LayerAuditDialog::reject);
    connect(browse, &QPushButton::clicked, this, [this] {
        emit browserRequested();
        reject();
    });
    auto* bottom = new QWidget;
    auto* row = new QHBoxLayout(bottom);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_data);
    row->addStretch(1);
    row->addWidget(buttons);
    return bottom;
}

const LayerAudit* LayerAuditDialog::current() const {
    const QModelIndex row = m_rows->mapToSource(m_table->currentIndex());
    return row.isValid() ? &m_model->layer(row.row()) : nullptr;
}

void LayerAuditDialog::showCurrent() {
    stop();
    m_values->setSample({});
    const LayerAudit* audit = current();
    m_title->setText(audit ? layerName(audit->layer) : tr("No layer has this name"));
    QStringList sentences;
    if (audit)
        for (const StateFinding& finding : audit->findings)
            sentences << QStringLiteral("• ") + QString::fromStdString(finding.sentence);
    if (audit && sentences.isEmpty())
        sentences << tr("Nothing looks wrong with its values.");
    m_findings->setText(sentences.join(u'\n'));
    m_data->clear();
    if (audit) {
        m_data->addItem(tr("With random batches of %1 channels").arg(audit->layer.numFeatures),
                        static_cast<int>(FileUse::Data::Generate));
        if (audit->layer.numFeatures == m_presentChannels)
            m_data->addItem(tr("With the present batches"), static_cast<int>(FileUse::Data::Keep));
        readValues(audit->layer);
    }
    m_data->setEnabled(m_data->count() > 1);
    m_load->setEnabled(audit != nullptr);
}

void LayerAuditDialog::readValues(const FoundLayer& layer) {
    auto table = std::make_shared<TensorSample>();
    m_task = new BackgroundTask(
        [contents = m_contents, layer, table](const BackgroundTask::Report&, const std::stop_token&) {
            const StateFile file(contents->file, layer.prefix);
            const LoadedState loaded = file.loadFor(file.layerOptions(), false);
            *table = valuesOf(loaded.state, loaded.numFeatures);
        },
        QCoreApplication::instance());
    connect(m_task, &BackgroundTask::finished, this, [this, table](const QString& error) {
        m_task = nullptr;
        m_values->setSample(*table);
        if (!error.isEmpty())
            m_findings->setText(error);
    });
}

void LayerAuditDialog::stop() {
    if (m_task) {
        m_task->disconnect(this);
        std::exchange(m_task, nullptr)->cancel();
    }
}

bool LayerAuditDialog::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::KeyPress)
        return QDialog::eventFilter(watched, event);
    const auto* press = static_cast<QKeyEvent*>(event);
    if (press->key() == Qt::Key_Return || press->key() == Qt::Key_Enter)
        return accept(), true;
    if (press->key() == Qt::Key_Escape && !m_filter->text().isEmpty())
        return m_filter->clear(), true;
    if (watched == m_filter && (press->key() == Qt::Key_Down || press->key() == Qt::Key_Up))
        return m_table->setFocus(), true;
    const bool isLetter = !press->text().isEmpty() && press->text().front().isPrint()
                          && !(press->modifiers() & (Qt::ControlModifier | Qt::AltModifier));
    if (watched == m_table && (isLetter || press->key() == Qt::Key_Backspace)) {
        m_filter->setFocus();
        QCoreApplication::sendEvent(m_filter, event);
        return true;
    }
    return QDialog::eventFilter(watched, event);
}

void LayerAuditDialog::accept() {
    const LayerAudit* audit = current();
    if (!audit)
        return;
    FileUse use;
    use.data = static_cast<FileUse::Data>(m_data->currentData().toInt());
    use.layer = audit->layer;
    QDialog::accept();
    emit chosen(use);
}

}  // namespace bnstudio
