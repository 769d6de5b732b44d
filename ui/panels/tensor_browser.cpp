// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/tensor_browser.h"

#include "ui/models/tensor_tree_model.h"
#include "ui/panels/tensor_preview.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QDialogButtonBox>
#include <QFileInfo>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSplitter>
#include <QTreeView>
#include <QVBoxLayout>

namespace bnstudio {

namespace {

constexpr int rowsToExpand = 200;

QString axesName(const std::string& axes, std::size_t rank) {
    const bool isFolded = rank > 3;
    if (axes == "NC")
        return TensorBrowser::tr("(N, C): a row is a sample");
    if (axes == "CN")
        return TensorBrowser::tr("(C, N): a column is a sample");
    if (axes == "NCL")
        return isFolded ? TensorBrowser::tr("(N, C, …): the rest folded to L")
                        : TensorBrowser::tr("(N, C, L): channels second");
    if (axes == "NLC")
        return isFolded ? TensorBrowser::tr("(N, …, C): channels last, the rest folded to L")
                        : TensorBrowser::tr("(N, L, C): channels last");
    return TensorBrowser::tr("(L, N, C): samples second");
}

}  // namespace

TensorBrowser::TensorBrowser(std::shared_ptr<const FileContents> contents, std::int64_t presentChannels,
                             QWidget* parent)
    : QDialog(parent),
      m_contents(std::move(contents)),
      m_presentChannels(presentChannels),
      m_model(new TensorTreeModel(*m_contents, this)),
      m_rows(new TensorFilterModel(*m_model, this)),
      m_tree(new QTreeView),
      m_filter(new QLineEdit),
      m_preview(new TensorPreview),
      m_sentence(new QLabel),
      m_doubt(makeNote()),
      m_data(new QComboBox),
      m_axes(new QComboBox),
      m_buttons(new QDialogButtonBox(QDialogButtonBox::Open | QDialogButtonBox::Cancel)) {
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("tensorBrowser"));
    const QString file = QString::fromStdString(m_contents->file.path.filename().string());
    setWindowTitle(tr("What is in %1").arg(file));
    auto* parts = new QSplitter;
    parts->addWidget(makeTree());
    parts->addWidget(m_preview);
    parts->setStretchFactor(0, 5);
    parts->setStretchFactor(1, 3);
    parts->setChildrenCollapsible(false);
    auto* column = new QVBoxLayout(this);
    column->setSpacing(10);
    column->addWidget(parts, 1);
    column->addWidget(makeChoices());
    connect(m_model, &TensorTreeModel::checksChanged, this, &TensorBrowser::refreshChoices);
    connect(m_data, &QComboBox::activated, this, &TensorBrowser::refreshSentence);
    connect(m_axes, &QComboBox::activated, this, &TensorBrowser::refreshSentence);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &TensorBrowser::accept);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &TensorBrowser::reject);
    resize(1120, 660);
    checkFirst();
}

QWidget* TensorBrowser::makeTree() {
    introduce(m_filter, "browserFilter", tr("Filter"), tr("Shows only names that hold these letters."));
    m_filter->setPlaceholderText(tr("Type to filter the names"));
    m_filter->setClearButtonEnabled(true);
    introduce(m_tree, "browserTree", tr("Tensors"),
              tr("Space checks what to use, Enter opens it; letters filter the names."));
    m_tree->setModel(m_rows);
    m_tree->setUniformRowHeights(true);
    m_tree->setAllColumnsShowFocus(true);
    m_tree->setTextElideMode(Qt::ElideMiddle);
    m_tree->header()->setStretchLastSection(true);
    const int widths[] = {230, 64, 104, 76, 190};
    for (int i = 0; i < 5; ++i)
        m_tree->setColumnWidth(i, widths[i]);
    if (m_contents->file.tensors.size() <= rowsToExpand) {
        for (int row = 0; row < m_rows->rowCount(); ++row)
            if (m_model->node(m_rows->mapToSource(m_rows->index(row, 0))).kind == TensorNode::Kind::Group)
                m_tree->expandRecursively(m_rows->index(row, 0), 1);
    }
    m_tree->installEventFilter(this);
    m_filter->installEventFilter(this);
    connect(m_filter, &QLineEdit::textChanged, this, &TensorBrowser::filter);
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& row) { showCurrent(row); });
    connect(m_tree, &QTreeView::doubleClicked, this, &TensorBrowser::useRow);
    auto* side = new QWidget;
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_filter);
    column->addWidget(m_tree, 1);
    return side;
}

QWidget* TensorBrowser::makeChoices() {
    m_sentence->setObjectName(QStringLiteral("sentence"));
    m_sentence->setWordWrap(true);
    m_doubt->setObjectName(QStringLiteral("axesDoubt"));
    m_doubt->setWordWrap(true);
    introduce(m_data, "dataChoice", tr("Use"), tr("What happens to the run in the window."));
    introduce(m_axes, "axesChoice", tr("Axes"), tr("What the axes of the checked batches are."));
    m_buttons->button(QDialogButtonBox::Open)->setObjectName(QStringLiteral("browserOpen"));
    m_buttons->button(QDialogButtonBox::Open)->setText(tr("Open"));
    if (!m_contents->layers.empty()) {
        auto* audit = m_buttons->addButton(tr("Audit all layers…"), QDialogButtonBox::ActionRole);
        introduce(audit, "auditButton", tr("Audit all layers…"),
                  tr("A table of every batch-norm layer and what is suspicious about it."));
        connect(audit, &QPushButton::clicked, this, [this] {
            emit auditRequested();
            reject();
        });
    }
    auto* row = new QHBoxLayout;
    row->addWidget(m_data);
    row->addSpacing(12);
    row->addWidget(m_axesLabel = new QLabel(tr("Axes")));
    row->addWidget(m_axes);
    row->addStretch(1);
    row->addWidget(m_buttons);
    auto* bottom = new QWidget;
    auto* column = new QVBoxLayout(bottom);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addWidget(m_sentence);
    column->addWidget(m_doubt);
    column->addLayout(row);
    return bottom;
}

// --- the tree ------------------------------------------------------------------------------------------------------

/// The first batches are most likely what was wanted; a layer too, when it fits them.
void TensorBrowser::checkFirst() {
    QModelIndex first;
    if (!m_contents->batches.empty()) {
        const BatchEntry& entry = m_contents->batches.front();
        const auto kind = entry.isFamily() ? TensorNode::Kind::Family : TensorNode::Kind::Tensor;
        first = m_model->find(kind, entry.name);
        m_model->checkOnly(first);
        const std::int64_t channels = channelsOf(entry.tensors.front()->shape(), {});
        if (m_contents->layers.size() == 1 && m_contents->layers.front().numFeatures == channels)
            m_model->checkOnly(m_model->find(TensorNode::Kind::Layer, m_contents->layers.front().prefix));
    } else if (!m_contents->layers.empty()) {
        first = m_model->find(TensorNode::Kind::Layer, m_contents->layers.front().prefix);
        m_model->checkOnly(first);
    }
    if (!first.isValid())
        first = m_model->index(0, 0);
    m_tree->setCurrentIndex(m_rows->mapFromSource(first));
    m_tree->setFocus();
    refreshChoices();
}

void TensorBrowser::showCurrent(const QModelIndex& row) {
    if (row.isValid())
        m_preview->showNode(m_model->node(m_rows->mapToSource(row)));
    else
        m_preview->clear();
}

void TensorBrowser::useRow(const QModelIndex& row) {
    const QModelIndex source = m_rows->mapToSource(row.siblingAtColumn(0));
    if (!source.isValid() || !m_model->node(source).isCheckable())
        return;
    if (!m_model->node(source).isChecked)
        m_model->checkOnly(source);
    accept();
}

void TensorBrowser::filter(const QString& text) {
    m_rows->setText(text);
    if (text.isEmpty())
        return;
    m_tree->expandAll();
    // The first row that itself holds the letters, not one above it.
    QModelIndex row = m_rows->index(0, 0);
    while (row.isValid() && !m_rows->matches(row))
        row = m_tree->indexBelow(row);
    m_tree->setCurrentIndex(row.isValid() ? row : m_rows->index(0, 0));
}

bool TensorBrowser::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::KeyPress)
        return QDialog::eventFilter(watched, event);
    const auto* press = static_cast<QKeyEvent*>(event);
    const bool isEnter = press->key() == Qt::Key_Return || press->key() == Qt::Key_Enter;
    if (isEnter && m_tree->currentIndex().isValid()
        && m_model->node(m_rows->mapToSource(m_tree->currentIndex())).isCheckable())
        return useRow(m_tree->currentIndex()), true;
    if (watched == m_filter) {
        if (press->key() == Qt::Key_Down || press->key() == Qt::Key_Up)
            return m_tree->setFocus(), true;
        if (press->key() == Qt::Key_Escape && !m_filter->text().isEmpty())
            return m_filter->clear(), true;
    } else if (watched == m_tree) {
        const bool isLetter = !press->text().isEmpty() && press->text().front().isPrint()
                              && press->key() != Qt::Key_Space
                              && !(press->modifiers() & (Qt::ControlModifier | Qt::AltModifier));
        if (isLetter || press->key() == Qt::Key_Backspace) {
            m_filter->setFocus();
            QCoreApplication::sendEvent(m_filter, event);
            return true;
        }
        if (press->key() == Qt::Key_Escape && !m_filter->text().isEmpty())
            return m_filter->clear(), true;
    }
    return QDialog::eventFilter(watched, event);
}

// --- the choice ----------------------------------------------------------------------------------------------------

void TensorBrowser::refreshChoices() {
    const auto batches = m_model->checkedBatches();
    const TensorNode* layer = m_model->checkedLayer();
    const int before = m_data->currentData().toInt();
    const auto add = [this](const QString& text, FileUse::Data way) { m_data->addItem(text, static_cast<int>(way)); };
    m_data->clear();
    if (!batches.empty()) {
        add(tr("A new run on these batches"), FileUse::Data::NewRun);
        add(tr("Add them to the present run"), FileUse::Data::Add);
    } else if (layer) {
        add(tr("A new run on random batches"), FileUse::Data::Generate);
        if (layer->layer->numFeatures == m_presentChannels)
            add(tr("Keep the present batches"), FileUse::Data::Keep);
    }
    m_data->setCurrentIndex(std::max(0, m_data->findData(before)));
    m_data->setVisible(m_data->count() > 0);
    const std::size_t rank = batches.empty() ? 0 : batches.front()->tensors.front()->shape().size();
    const QString axes = m_axes->currentData().toString();
    m_axes->clear();
    if (rank > 0)
        for (const std::string& choice : axisChoices(rank))
            m_axes->addItem(axesName(choice, rank), QString::fromStdString(choice));
    m_axes->setCurrentIndex(std::max(0, m_axes->findData(axes)));
    m_axes->setVisible(rank > 0);
    m_axesLabel->setVisible(rank > 0);
    refreshSentence();
}

FileUse TensorBrowser::use() const {
    FileUse use;
    use.data = static_cast<FileUse::Data>(m_data->currentData().toInt());
    for (const TensorNode* node : m_model->checkedBatches())
        use.batches.push_back(*node->batches);
    if (const TensorNode* layer = m_model->checkedLayer())
        use.layer = layer->layer;
    use.axes = m_axes->currentData().toString().toStdString();
    return use;
}

QString TensorBrowser::obstacle(const FileUse& use) const {
    if (use.batches.empty() && !use.layer)
        return tr("Check what to use: batches, a batch-norm layer, or both.");
    if (use.batches.empty())
        return {};
    const Dims& first = use.batches.front().tensors.front()->shape();
    const std::int64_t channels = channelsOf(first, use.axes);
    for (const BatchEntry& entry : use.batches) {
        const Dims& shape = entry.tensors.front()->shape();
        if (shape.size() != first.size() || channelsOf(shape, use.axes) != channels)
            return tr("%1 and %2 differ in their channels: %3 and %4.")
                .arg(QString::fromStdString(use.batches.front().name), QString::fromStdString(entry.name),
                     QString::fromStdString(shapeText(first)), QString::fromStdString(shapeText(shape)));
    }
    const QString counts = tr("%1 has %2 channels").arg(QString::fromStdString(use.batches.front().name)).arg(channels);
    if (use.layer && use.layer->numFeatures != channels)
        return tr("%1, the layer has %2 features; other axes or another layer may fit.")
            .arg(counts)
            .arg(use.layer->numFeatures);
    if (use.data == FileUse::Data::Add && !use.layer && m_presentChannels != channels)
        return tr("%1, the present run has %2; it can only begin a new run.").arg(counts).arg(m_presentChannels);
    return {};
}

QString TensorBrowser::sentence(const FileUse& use) const {
    QStringList names;
    for (const BatchEntry& entry : use.batches)
        names << entryText(entry) + u' ' + shapesText(entry.tensors);
    QString text;
    if (use.data == FileUse::Data::NewRun)
        text = tr("A new run on %1.").arg(names.join(QStringLiteral(", ")));
    else if (use.data == FileUse::Data::Add)
        text = tr("%1 joins the present run as another source.").arg(names.join(QStringLiteral(", ")));
    else if (use.data == FileUse::Data::Generate)
        text = tr("A new run on random batches from the population that the running statistics describe.");
    else
        text = tr("The present batches stay.");
    if (!use.layer)
        return text;
    const QString layer =
        use.layer->prefix.empty() ? tr("the layer in the file") : QString::fromStdString(use.layer->prefix).chopped(1);
    return text + u' ' + tr("It starts from the state of %1 (%2 features).").arg(layer).arg(use.layer->numFeatures);
}

void TensorBrowser::refreshSentence() {
    const FileUse chosen = use();
    const QString problem = obstacle(chosen);
    m_sentence->setText(problem.isEmpty() ? sentence(chosen) : problem);
    const QString doubt =
        chosen.batches.empty() ? QString() : axisDoubt(chosen.batches.front().tensors.front()->shape());
    m_doubt->setText(doubt);
    m_doubt->setVisible(!doubt.isEmpty());
    m_buttons->button(QDialogButtonBox::Open)->setEnabled(problem.isEmpty());
}

void TensorBrowser::accept() {
    const FileUse chosen = use();
    if (!obstacle(chosen).isEmpty())
        return;
    QDialog::accept();
    emit this->chosen(chosen);
}

}  // namespace bnstudio
