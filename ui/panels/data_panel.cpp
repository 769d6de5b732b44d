// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/data_panel.h"

#include "ui/panels/batch_menu.h"
#include "ui/panels/file_form.h"
#include "ui/panels/generator_form.h"
#include "ui/panels/paste_dialog.h"
#include "ui/panels/recipe_channels.h"
#include "ui/panels/schedule_form.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"

#include <QComboBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace bnstudio {
namespace {

/// Kinds in the order of the combo box and of SourceSpec's alternatives.
enum Kind { Generator, File, Pasted };

QString sourceName(const SourceSpec& source) {
    if (const auto* generator = std::get_if<GeneratorSpec>(&source))
        return QString::fromStdString(std::string(kindName(generator->kind)))
            .replace(QLatin1Char('_'), QLatin1Char('-'));
    if (const auto* file = std::get_if<FileSpec>(&source))
        return QFileInfo(QString::fromStdString(file->path)).fileName();
    return DataPanel::tr("pasted values");
}

/// A generator whose batches have the shape of those of @p source.
GeneratorSpec generatorLike(const SourceSpec& source, const Dims& shape) {
    GeneratorSpec spec;
    Dims dims = shape;
    if (const auto* pasted = std::get_if<PastedSpec>(&source))
        dims = pasted->shape;
    if (dims.size() >= 2) {
        spec.n = std::max<std::int64_t>(dims[0], 2);
        spec.c = std::max<std::int64_t>(dims[1], 1);
        spec.l = dims.size() > 2 ? dims[2] : 0;
    }
    return spec;
}

}  // namespace

DataPanel::DataPanel(Session& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_origin(new ElidedLabel),
      m_forms(new QStackedWidget),
      m_generator(new GeneratorForm(session)),
      m_file(new FileForm(session)),
      m_pasted(new PastedForm(session)),
      m_schedule(new ScheduleForm(session)),
      m_batchMenu(new BatchMenu(session, this)) {
    m_origin->setAlignment(Qt::AlignRight);
    m_forms->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    m_origin->setObjectName(QStringLiteral("batchOrigin"));
    muteLabel(m_origin);
    for (QWidget* form :
         {static_cast<QWidget*>(m_generator), static_cast<QWidget*>(m_file), static_cast<QWidget*>(m_pasted)})
        m_forms->addWidget(form);
    auto* batch = new QPushButton(tr("Edit this batch"));
    introduce(batch, "batchMenuButton", tr("Edit this batch"),
              tr("Skip, scale, pad or change the batch of the displayed step; an event of the recipe."));
    batch->setMenu(m_batchMenu);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_origin);
    column->addWidget(makeSourceRow());
    column->addWidget(m_forms);
    column->addWidget(m_schedule);
    column->addWidget(batch);
    column->addStretch(1);
    connect(m_file, &FileForm::openFileRequested, this, &DataPanel::openFileRequested);
    connect(m_pasted, &PastedForm::editRequested, this, &DataPanel::openPasteDialog);
    connect(&session, &Session::changed, this, [this](Changes changes) {
        if (changes & (Change::Recipe | Change::Data))
            refresh();
        if (changes & (Change::Recipe | Change::Shown))
            refreshOrigin();
    });
    refresh();
    refreshOrigin();
}

QWidget* DataPanel::makeSourceRow() {
    m_kind = new QComboBox;
    introduce(m_kind, "sourceCombo", tr("Source"),
              tr("Where the batches come from: random numbers, a file, or values typed by hand."));
    m_kind->addItems({tr("Generator"), tr("File"), tr("Pasted values")});
    m_which = new QComboBox;
    introduce(m_which, "sourceIndexCombo", tr("Which source"), tr("The source that is shown and edited below."));
    for (QComboBox* combo : {m_kind, m_which}) {
        combo->setMinimumContentsLength(3);
        combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    }
    auto* add = new QToolButton;
    add->setText(QStringLiteral("+"));
    introduce(add, "addSourceButton", tr("Add a source"),
              tr("Adds another source: two populations in turn, for example."));
    m_remove = new QToolButton;
    m_remove->setText(QStringLiteral("−"));
    introduce(m_remove, "removeSourceButton", tr("Remove this source"),
              tr("Takes the shown source out of the recipe."));
    for (QToolButton* button : {add, m_remove})
        button->setStyleSheet(QStringLiteral("padding: 3px 3px;"));
    connect(m_kind, &QComboBox::activated, this, &DataPanel::chooseKind);
    connect(m_which, &QComboBox::activated, this, &DataPanel::showSource);
    connect(add, &QToolButton::clicked, this, &DataPanel::addSource);
    connect(m_remove, &QToolButton::clicked, this, &DataPanel::removeSource);
    m_sourceRows = new FormRows(12);
    m_sourceRows->addPair(tr("Source"), m_kind, add);
    m_sourceRows->addPair(tr("Which"), m_which, m_remove);
    return m_sourceRows;
}

void DataPanel::chooseKind(int kind) {
    const SourceSpec& present = m_session.recipe().data.sources.at(static_cast<std::size_t>(m_source));
    const int old = static_cast<int>(present.index());
    m_kind->setCurrentIndex(old);  // the recipe decides what is shown
    if (kind == old)
        return;
    if (kind == File) {
        emit openFileRequested();
    } else if (kind == Pasted) {
        openPasteDialog();
    } else {
        Recipe next = m_session.recipe();
        const GeneratorSpec spec = generatorLike(present, m_session.facts().batchShape);
        next.data.sources[static_cast<std::size_t>(m_source)] = spec;
        if (next.data.sources.size() == 1 && spec.c != m_session.channels())
            fitChannels(next, m_session.channels(), spec.c);
        m_session.edit(tr("Data: generator"), std::move(next));
    }
}

void DataPanel::addSource() {
    Recipe next = m_session.recipe();
    next.data.sources.push_back(next.data.sources.at(static_cast<std::size_t>(m_source)));
    if (!next.data.gradients.empty())
        next.data.gradients.push_back(next.data.gradients.at(static_cast<std::size_t>(m_source)));
    if (auto* generator = std::get_if<GeneratorSpec>(&next.data.sources.back()))
        ++generator->seed;
    // Sources without end would never let the next one have its turn.
    if (next.data.schedule.order == Schedule::Order::InOrder)
        next.data.schedule.order = Schedule::Order::Alternating;
    m_session.edit(tr("Add a source"), std::move(next));
    showSource(static_cast<int>(m_session.recipe().data.sources.size()) - 1);
}

void DataPanel::removeSource() {
    Recipe next = m_session.recipe();
    if (next.data.sources.size() < 2)
        return;
    next.data.sources.erase(next.data.sources.begin() + m_source);
    if (!next.data.gradients.empty())
        next.data.gradients.erase(next.data.gradients.begin() + m_source);
    std::vector<Schedule::Entry>& steps = next.data.schedule.steps;
    std::erase_if(steps, [this](const Schedule::Entry& entry) { return entry.source == m_source; });
    for (Schedule::Entry& entry : steps)
        entry.source -= entry.source > m_source ? 1 : 0;
    if (steps.empty() && next.data.schedule.order == Schedule::Order::Explicit)
        next.data.schedule.order = Schedule::Order::InOrder;
    m_session.edit(tr("Remove a source"), std::move(next));
}

void DataPanel::openPasteDialog() {
    const auto& sources = m_session.recipe().data.sources;
    const auto* pasted = std::get_if<PastedSpec>(&sources.at(static_cast<std::size_t>(m_source)));
    auto* dialog = new PasteDialog(pasted ? std::optional(*pasted) : std::nullopt, this);
    connect(dialog, &PasteDialog::pasted, this, [this](const PastedSpec& spec) {
        DataSpec next = m_session.recipe().data;
        next.sources.at(static_cast<std::size_t>(m_source)) = spec;
        m_session.openData(std::move(next), tr("Data: pasted values"));
    });
    dialog->open();
}

void DataPanel::showSource(int source) {
    m_source = source;
    refresh();
}

void DataPanel::refresh() {
    const std::vector<SourceSpec>& sources = m_session.recipe().data.sources;
    const int count = static_cast<int>(sources.size());
    m_source = std::clamp(m_source, 0, std::max(count - 1, 0));
    m_which->clear();
    for (int i = 0; i < count; ++i)
        m_which->addItem(tr("%1 of %2").arg(i + 1).arg(count));
    m_which->setCurrentIndex(m_source);
    m_sourceRows->setRowVisible(m_which, count > 1);
    if (count == 0)
        return;
    const int kind = static_cast<int>(sources[static_cast<std::size_t>(m_source)].index());
    m_kind->setCurrentIndex(kind);
    // A stack is as high as its highest page; only the page on top counts here.
    for (int page = 0; page < m_forms->count(); ++page)
        m_forms->widget(page)->setSizePolicy(QSizePolicy::Preferred,
                                             page == kind ? QSizePolicy::Fixed : QSizePolicy::Ignored);
    m_forms->setCurrentIndex(kind);
    m_generator->showSource(m_source);
    m_file->showSource(m_source);
    m_pasted->showSource(m_source);
    m_schedule->refresh();
}

void DataPanel::refreshOrigin() {
    const auto& snapshot = m_session.shown().snapshot;
    const std::vector<SourceSpec>& sources = m_session.recipe().data.sources;
    if (!snapshot || snapshot->origin.source >= static_cast<int>(sources.size())) {
        m_origin->setFullText(tr("before the first batch"));
        return;
    }
    const BatchOrigin& origin = snapshot->origin;
    QString name = sourceName(sources[static_cast<std::size_t>(origin.source)]);
    if (sources.size() > 1)
        name = tr("source %1, %2").arg(origin.source + 1).arg(name);
    if (origin.epoch > 0)
        name = tr("epoch %1 · %2").arg(origin.epoch).arg(name);
    m_origin->setFullText(tr("batch %1 · %2").arg(origin.batch).arg(name));
}

QWidget* DataPanel::header() const {
    return m_origin;
}

}  // namespace bnstudio
