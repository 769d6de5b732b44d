// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/file_form.h"

#include "ui/widgets/commit_field.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"

#include <QFileInfo>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace bnstudio {
namespace {

template <class Spec>
const Spec* sourceAs(const Session& session, int source) {
    const std::vector<SourceSpec>& sources = session.recipe().data.sources;
    if (source < 0 || source >= static_cast<int>(sources.size()))
        return nullptr;
    return std::get_if<Spec>(&sources[static_cast<std::size_t>(source)]);
}

QVBoxLayout* denseColumn(QWidget* owner) {
    auto* column = new QVBoxLayout(owner);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    return column;
}

}  // namespace

FileForm::FileForm(Session& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_name(new ElidedLabel),
      m_tensor(new CommitField),
      m_shape(new ElidedLabel),
      m_notes(makeNote()) {
    m_name->setObjectName(QStringLiteral("fileName"));
    m_shape->setObjectName(QStringLiteral("fileShape"));
    m_notes->setObjectName(QStringLiteral("fileNotes"));
    introduce(
        m_tensor, "tensorField", tr("Tensor"),
        tr("The name of a tensor in the file, or of a numbered family like x.0, x.1; empty takes every tensor that "
           "can be a batch."));
    m_tensor->setPlaceholderText(tr("all"));
    auto* open = new QPushButton(tr("Open file…"));
    introduce(open, "openFileButton", tr("Open file…"), tr("Choose a data file: its tensors become the batches."));
    connect(open, &QPushButton::clicked, this, &FileForm::openFileRequested);
    connect(m_tensor, &CommitField::committed, this, &FileForm::commitTensor);
    auto* rows = new FormRows(12);
    rows->addRow(tr("File"), m_name);
    rows->addRow(tr("Tensor"), m_tensor);
    rows->addRow(tr("First batch"), m_shape);
    rows->addWide(open);
    rows->addWide(m_notes);
    QVBoxLayout* column = denseColumn(this);
    column->addWidget(rows);
    column->addStretch(1);
}

void FileForm::commitTensor(const QString& text) {
    if (!sourceAs<FileSpec>(m_session, m_source))
        return;
    Recipe next = m_session.recipe();
    std::get<FileSpec>(next.data.sources[static_cast<std::size_t>(m_source)]).tensor = text.trimmed().toStdString();
    m_session.edit(tr("Data: tensor %1").arg(text.trimmed()), std::move(next));
}

void FileForm::showSource(int source) {
    m_source = source;
    const auto* file = sourceAs<FileSpec>(m_session, source);
    if (!file)
        return;
    const QString path = QString::fromStdString(file->path);
    m_name->setFullText(QFileInfo(path).fileName());
    m_name->setWhatsThis(path);
    m_tensor->showValue(QString::fromStdString(file->tensor));
    const Dims& shape = m_session.facts().batchShape;
    m_shape->setFullText(shape.empty() ? QString() : QString::fromStdString(shapeText(shape)));
    // The notes name the file by its whole path, which stands above already and cannot be wrapped.
    const QString notes = m_session.facts().notes.join(QLatin1Char('\n'));
    m_notes->setText(QString(notes).replace(path, QFileInfo(path).fileName()));
    m_notes->setToolTip(notes);
    m_notes->setVisible(!m_session.facts().notes.isEmpty());
}

PastedForm::PastedForm(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_shape(new ElidedLabel) {
    m_shape->setObjectName(QStringLiteral("pastedShape"));
    auto* edit = new QPushButton(tr("Paste or type values…"));
    introduce(edit, "pasteButton", tr("Paste or type values…"),
              tr("A table, a nested list or the text of a tensor as the data."));
    connect(edit, &QPushButton::clicked, this, &PastedForm::editRequested);
    auto* rows = new FormRows(12);
    rows->addRow(tr("Values"), m_shape);
    rows->addWide(edit);
    QVBoxLayout* column = denseColumn(this);
    column->addWidget(rows);
    column->addStretch(1);
}

void PastedForm::showSource(int source) {
    if (const auto* pasted = sourceAs<PastedSpec>(m_session, source))
        m_shape->setFullText(QString::fromStdString(shapeText(pasted->shape)));
}

}  // namespace bnstudio
