// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/value_table_dialog.h"

#include "ui/theme.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace bnstudio {
namespace {

QStringList channelNames(const Session& session, const std::vector<ValueColumn>& columns) {
    QStringList names;
    const std::size_t rows = columns.empty() ? 0 : columns.front().values.size();
    for (std::size_t c = 0; c < rows; ++c)
        names << session.channelName(static_cast<std::int64_t>(c));
    return names;
}

}  // namespace

ValueTableDialog::ValueTableDialog(const QString& title, const Session& session, std::vector<ValueColumn> columns,
                                   QWidget* parent)
    : QDialog(parent),
      m_model(new ValueTableModel(channelNames(session, columns), columns, this)),
      m_table(new QTableView),
      m_note(makeNote()) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(title);
    introduce(m_table, "valueTable", title, tr("One number for each channel. Copy and paste work with spreadsheets."));
    m_table->setModel(m_model);
    m_table->setTabKeyNavigation(false);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    fitToText(m_table, [this] { m_table->verticalHeader()->setDefaultSectionSize(Theme::instance().scaled(24)); });
    m_note->setText(tr("Type a number over a cell. Pasting one number fills the selected cells."));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_model, &ValueTableModel::refused, m_note, &QLabel::setText);
    const auto addAction = [this](QKeySequence::StandardKey key, void (ValueTableDialog::*slot)()) {
        auto* action = new QAction(m_table);
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetShortcut);
        connect(action, &QAction::triggered, this, slot);
        m_table->addAction(action);
    };
    addAction(QKeySequence::Copy, &ValueTableDialog::copy);
    addAction(QKeySequence::Paste, &ValueTableDialog::paste);
    auto* column = new QVBoxLayout(this);
    column->addWidget(m_table, 1);
    column->addWidget(m_note);
    column->addWidget(buttons);
    resize(120 + 110 * m_model->columnCount(), 380);
    m_table->setCurrentIndex(m_model->index(0, 0));
}

void ValueTableDialog::copy() {
    QModelIndexList cells = m_table->selectionModel()->selectedIndexes();
    std::sort(cells.begin(), cells.end());
    QString text;
    for (qsizetype i = 0; i < cells.size(); ++i) {
        if (i > 0)
            text += cells[i].row() == cells[i - 1].row() ? QLatin1Char('\t') : QLatin1Char('\n');
        text += cells[i].data().toString();
    }
    QApplication::clipboard()->setText(text);
}

void ValueTableDialog::paste() {
    const QString text = QApplication::clipboard()->text().trimmed();
    const QStringList lines = text.split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    const bool isOne = lines.size() == 1 && !text.contains(QLatin1Char('\t'));
    if (!isOne) {
        pasteBlock(lines);
        return;
    }
    for (const QModelIndex& cell : m_table->selectionModel()->selectedIndexes())
        if (!m_model->setData(cell, text))
            return;
}

void ValueTableDialog::pasteBlock(const QStringList& lines) {
    const QModelIndex corner = m_table->currentIndex();
    for (int i = 0; i < lines.size(); ++i) {
        const QStringList cells = lines[i].split(QLatin1Char('\t'));
        for (int j = 0; j < cells.size(); ++j) {
            const QModelIndex cell = m_model->index(corner.row() + i, corner.column() + j);
            if (cell.isValid() && !m_model->setData(cell, cells[j].trimmed()))
                return;
        }
    }
}

}  // namespace bnstudio
