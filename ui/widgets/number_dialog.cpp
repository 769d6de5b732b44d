// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/number_dialog.h"

#include "ui/format.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace bnstudio {

NumberDialog::NumberDialog(const QString& title, const QString& explanation, QWidget* parent)
    : QDialog(parent),
      m_rows(new FormRows),
      m_note(makeNote()),
      m_buttons(new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel)) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(title);
    auto* column = new QVBoxLayout(this);
    column->addWidget(makeNote(explanation));
    column->addWidget(m_rows);
    column->addWidget(m_note);
    column->addWidget(m_buttons);
    m_note->setObjectName(QStringLiteral("dialogProblem"));
    setMinimumWidth(320);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

void NumberDialog::addNumber(const char* id, const QString& name, double value) {
    add(id, {nullptr, name, false, 0, 0}, formatExact(value));
}

void NumberDialog::addCount(const char* id, const QString& name, std::int64_t value, std::int64_t low,
                            std::int64_t high) {
    add(id, {nullptr, name, true, low, high}, QString::number(value));
}

void NumberDialog::add(const char* id, Field field, const QString& text) {
    field.edit = new QLineEdit(text);
    const QString sentence =
        field.whole ? tr("%1: a whole number from %2 to %3.").arg(field.name).arg(field.low).arg(field.high)
                    : tr("%1: a number like 0.5 or 1e-3, or nan, inf, -inf.").arg(field.name);
    introduce(field.edit, id, field.name, sentence);
    m_rows->addRow(field.name, field.edit);
    connect(field.edit, &QLineEdit::textChanged, this, &NumberDialog::check);
    m_fields.push_back(std::move(field));
    check();
}

double NumberDialog::number(std::size_t index) const {
    double value = 0;
    parseNumber(m_fields.at(index).edit->text(), value);
    return value;
}

std::int64_t NumberDialog::count(std::size_t index) const {
    return m_fields.at(index).edit->text().trimmed().toLongLong();
}

QString NumberDialog::problem(const Field& field) const {
    double value = 0;
    if (!field.whole)
        return parseNumber(field.edit->text(), value) ? QString() : field.edit->toolTip();
    bool ok = false;
    const qlonglong whole = field.edit->text().trimmed().toLongLong(&ok);
    return ok && whole >= field.low && whole <= field.high ? QString() : field.edit->toolTip();
}

void NumberDialog::check() {
    QString first;
    for (const Field& field : m_fields)
        if (first.isEmpty())
            first = problem(field);
    m_note->setText(first);
    m_buttons->button(QDialogButtonBox::Ok)->setEnabled(first.isEmpty());
}

}  // namespace bnstudio
