// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/form_rows.h"

#include "ui/theme.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QResizeEvent>

namespace bnstudio {
namespace {

/// A wrapped text as high as its lines need at the width it has. Containers that do not ask for a height at a given
/// width, like a stack of pages of a fixed height, would otherwise cut it off.
class Note : public QLabel {
public:
    using QLabel::QLabel;
    QSize sizeHint() const override { return {QLabel::sizeHint().width(), heightForWidth(width())}; }
    QSize minimumSizeHint() const override { return {QLabel::minimumSizeHint().width(), heightForWidth(width())}; }

protected:
    void resizeEvent(QResizeEvent* event) override {
        QLabel::resizeEvent(event);
        if (event->size().width() != event->oldSize().width())
            updateGeometry();
    }
};

/// What the mnemonic of a label leads to: the field, or the first control of a group.
QWidget* controlOf(QWidget* field) {
    if (field->focusPolicy() == Qt::NoFocus)
        for (QWidget* part : field->findChildren<QWidget*>())
            if (part->focusPolicy() & Qt::TabFocus)
                return part;
    return field;
}

}  // namespace

FormRows::FormRows(int labelCharacters, QWidget* parent) : QWidget(parent), m_grid(new QGridLayout(this)) {
    // Rows keep their height; what is left over belongs to the panel below them.
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(6);
    m_grid->setVerticalSpacing(4);
    m_grid->setColumnStretch(1, 1);
    m_grid->setColumnMinimumWidth(0, fontMetrics().averageCharWidth() * labelCharacters);
}

QLabel* FormRows::addRow(const QString& label, QWidget* field) {
    auto* text = new QLabel(label);
    text->setTextFormat(Qt::PlainText);
    text->setBuddy(controlOf(field));
    muteLabel(text);
    const int row = m_grid->rowCount();
    m_grid->addWidget(text, row, 0);
    m_grid->addWidget(field, row, 1);
    return text;
}

QLabel* FormRows::addPair(const QString& label, QWidget* first, QWidget* second) {
    auto* pair = new QWidget;
    auto* row = new QHBoxLayout(pair);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    row->addWidget(first);
    row->addWidget(second);
    QLabel* text = addRow(label, pair);
    text->setBuddy(first);
    return text;
}

void FormRows::addWide(QWidget* widget) {
    m_grid->addWidget(widget, m_grid->rowCount(), 0, 1, 2);
}

void FormRows::setRowVisible(QWidget* field, bool visible) {
    if (m_grid->indexOf(field) < 0)
        field = field->parentWidget();  // half of a pair
    int row = 0, column = 0, rows = 0, columns = 0;
    m_grid->getItemPosition(m_grid->indexOf(field), &row, &column, &rows, &columns);
    field->setVisible(visible);
    if (QLayoutItem* label = columns == 1 ? m_grid->itemAtPosition(row, 0) : nullptr)
        label->widget()->setVisible(visible);
}

void muteLabel(QLabel* label) {
    const auto paint = [label] {
        QPalette palette = label->palette();
        palette.setColor(QPalette::WindowText, colors().mutedText);
        label->setPalette(palette);
    };
    paint();
    QObject::connect(&Theme::instance(), &Theme::changed, label, paint);
}

QLabel* makeNote(const QString& text) {
    auto* note = new Note(text);
    note->setTextFormat(Qt::PlainText);
    note->setWordWrap(true);
    muteLabel(note);
    return note;
}

}  // namespace bnstudio
