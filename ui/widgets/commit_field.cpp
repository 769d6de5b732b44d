// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/commit_field.h"

#include "ui/theme.h"

#include <QKeyEvent>
#include <QPainter>
#include <QStyle>
#include <QStyleOption>

namespace bnstudio {

CommitField::CommitField(QWidget* parent) : QLineEdit(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(this, &QLineEdit::editingFinished, this, &CommitField::commit);
    connect(this, &QLineEdit::textEdited, this, [this] { unmark(); });
}

void CommitField::showValue(const QString& text) {
    m_value = text;
    if (hasFocus() && isModified())
        return;
    unmark();
    if (text != this->text()) {
        setText(text);
        setCursorPosition(0);
    }
}

void CommitField::mark(const QString& sentence) {
    if (!m_marked)
        m_teaching = toolTip();
    setToolTip(sentence);
    setMarked(true);
}

void CommitField::unmark() {
    if (!m_marked)
        return;
    setToolTip(m_teaching);
    setMarked(false);
}

void CommitField::setMarked(bool on) {
    m_marked = on;
    setProperty("invalid", on);
    style()->unpolish(this);
    style()->polish(this);
    update();
}

QSize CommitField::sizeHint() const {
    return {fontMetrics().averageCharWidth() * 9 + 16, QLineEdit::sizeHint().height()};
}

QSize CommitField::minimumSizeHint() const {
    return {fontMetrics().averageCharWidth() * 4 + 16, QLineEdit::sizeHint().height()};
}

bool CommitField::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride && !isModified()) {
        const auto* press = static_cast<QKeyEvent*>(event);
        if (press->matches(QKeySequence::Undo) || press->matches(QKeySequence::Redo)) {
            event->ignore();
            return false;
        }
    }
    return QLineEdit::event(event);
}

void CommitField::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape && (isModified() || m_marked)) {
        setModified(false);
        unmark();
        setText(m_value);
        return;
    }
    if (event->key() == Qt::Key_Escape) {
        clearFocus();
        return;
    }
    QLineEdit::keyPressEvent(event);
    const bool isEnter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (isEnter && !m_marked && !isModified())
        clearFocus();
}

void CommitField::paintEvent(QPaintEvent* event) {
    const QRect inside = textArea();
    if (hasFocus() || m_marked || fontMetrics().horizontalAdvance(text()) <= inside.width())
        QLineEdit::paintEvent(event);
    else
        paintElided(inside);
    if (!m_marked)
        return;
    // The theme frames the field; an exclamation mark goes with it, because colour alone must not carry the meaning.
    QPainter painter(this);
    painter.setPen(colors().warningText);
    painter.setFont(Theme::instance().boldFont());
    const QRect corner(width() - 14, 2, 12, height() - 4);
    painter.fillRect(corner, colors().warningSoft);
    painter.drawText(corner, Qt::AlignCenter, QStringLiteral("!"));
}

QRect CommitField::textArea() const {
    QStyleOptionFrame option;
    initStyleOption(&option);
    // QLineEdit keeps two pixels on either side of its text.
    return style()->subElementRect(QStyle::SE_LineEditContents, &option, this).adjusted(2, 0, -2, 0);
}

void CommitField::paintElided(const QRect& inside) {
    QPainter painter(this);
    QStyleOptionFrame option;
    initStyleOption(&option);
    style()->drawPrimitive(QStyle::PE_PanelLineEdit, &option, &painter, this);
    painter.setPen(palette().color(isEnabled() ? QPalette::Active : QPalette::Disabled, QPalette::Text));
    painter.drawText(inside, Qt::AlignVCenter | Qt::AlignLeft,
                     fontMetrics().elidedText(text(), Qt::ElideRight, inside.width()));
}

void CommitField::commit() {
    // Leaving a field untouched commits nothing; neither does leaving a marked text a second time.
    if (!isModified() || m_marked)
        return;
    setModified(false);
    if (text() != m_value)
        emit committed(text());
    // A text that was taken leaves no typing behind that could be undone letter by letter.
    if (m_marked)
        return;
    setText(text());
    setCursorPosition(0);
}

}  // namespace bnstudio
