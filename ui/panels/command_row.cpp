// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/command_row.h"

#include "ui/models/command_list_model.h"
#include "ui/theme.h"

#include <QPainter>

namespace bnstudio {

namespace {

constexpr int side = 10, above = 4, between = 1;

QFont boldText() {
    QFont font = Theme::instance().textFont();
    font.setWeight(QFont::DemiBold);
    return font;
}

/// Piece by piece, since a marked letter is wider than another one.
void drawMarked(QPainter& painter, QRect rect, const QString& text, const QList<int>& marks) {
    const QFont plain = Theme::instance().textFont(), bold = boldText();
    for (qsizetype from = 0; from < text.size() && rect.width() > 0;) {
        const bool marked = marks.contains(static_cast<int>(from));
        qsizetype to = from + 1;
        while (to < text.size() && marks.contains(static_cast<int>(to)) == marked)
            ++to;
        painter.setFont(marked ? bold : plain);
        const QString piece = painter.fontMetrics().elidedText(text.mid(from, to - from), Qt::ElideRight, rect.width());
        painter.drawText(rect, Qt::AlignLeft | Qt::AlignVCenter, piece);
        rect.setLeft(rect.left() + painter.fontMetrics().horizontalAdvance(piece));
        from = to;
    }
}

}  // namespace

int CommandRow::height() {
    return QFontMetrics(Theme::instance().textFont()).height() + QFontMetrics(Theme::instance().textFont(-1)).height()
           + 2 * above + between;
}

void CommandRow::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const Palette& p = colors();
    painter->save();
    const bool current = option.state & QStyle::State_Selected;
    if (current || (option.state & QStyle::State_MouseOver)) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(current ? p.accentSoft : p.field);
        painter->setRenderHint(QPainter::Antialiasing);
        painter->drawRoundedRect(option.rect.adjusted(1, 0, -1, -1), 5, 5);
    }
    const auto* model = static_cast<const CommandListModel*>(index.model());
    const bool enabled = model->command(index.row()).enabled;
    const QFont small = Theme::instance().textFont(-1);
    const int lineHeight = QFontMetrics(Theme::instance().textFont()).height();
    QRect first = option.rect.adjusted(side, above, -side, 0);
    first.setHeight(lineHeight);
    QRect second = first.translated(0, lineHeight + between);
    second.setHeight(QFontMetrics(small).height());

    const QString keys = index.data(CommandListModel::Keys).toString();
    painter->setFont(small);
    painter->setPen(p.mutedText);
    painter->drawText(first, Qt::AlignRight | Qt::AlignVCenter, keys);
    first.setRight(first.right() - (keys.isEmpty() ? 0 : QFontMetrics(small).horizontalAdvance(keys) + side));
    painter->setPen(enabled ? p.text : p.mutedText);
    drawMarked(*painter, first, index.data().toString(), index.data(CommandListModel::Marks).value<QList<int>>());

    QString words = index.data(CommandListModel::Place).toString();
    if (const QString hint = index.data(CommandListModel::Hint).toString(); !hint.isEmpty())
        words += (words.isEmpty() ? QString() : QStringLiteral("  ·  ")) + hint;
    painter->setFont(small);
    painter->setPen(enabled ? p.mutedText : p.warningText);
    painter->drawText(second, Qt::AlignLeft | Qt::AlignVCenter,
                      QFontMetrics(small).elidedText(words, Qt::ElideRight, second.width()));
    painter->restore();
}

}  // namespace bnstudio
