// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/calculation_view.h"

#include "ui/colour_ramp.h"
#include "ui/format.h"
#include "ui/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

QColor colorOf(Meaning meaning) {
    const Palette& p = colors();
    switch (meaning) {
    case Meaning::Batch:
        return p.batchText;
    case Meaning::Running:
        return p.runningText;
    case Meaning::Affine:
        return p.affineText;
    case Meaning::Plain:
        break;
    }
    return p.text;
}

bool isOwnKey(const QKeyEvent& event) {
    if ((event.modifiers() & ~Qt::KeypadModifier) != Qt::NoModifier)
        return event.matches(QKeySequence::Copy);
    switch (event.key()) {
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Home:
    case Qt::Key_End:
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Escape:
        return true;
    default:
        return false;
    }
}

}  // namespace

CalculationView::CalculationView(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        arrange();
        update();
    });
}

void CalculationView::show(std::vector<CalculationRow> rows) {
    m_rows = std::move(rows);
    arrange();
    if (!m_layout.piece(m_cursor))
        m_cursor = {};
    pointAgain();
    update();
}

/// At what now lies under a mouse that rests, else where the keys are.
void CalculationView::pointAgain() {
    m_hover = m_mouse ? m_layout.numberAt(*m_mouse) : std::nullopt;
    point(m_hover || !hasFocus() || m_cursor.row < 0 ? m_hover : std::optional(m_cursor));
}

void CalculationView::arrange() {
    m_layout.arrange(m_rows, width());
    setMinimumHeight(static_cast<int>(std::ceil(m_layout.height())));
    setAccessibleDescription(text());
}

QString CalculationView::text() const {
    QStringList lines;
    for (const CalculationRow& row : m_rows)
        lines << row.text();
    return withoutGroups(lines.join(u'\n'));
}

QString CalculationView::currentText() const {
    return m_cursor.row < 0 ? QString() : m_rows[static_cast<std::size_t>(m_cursor.row)].text();
}

QRectF CalculationView::currentCard() const {
    for (const CalculationLayout::Card& card : m_layout.cards())
        if (card.current)
            return card.rect;
    return {};
}

void CalculationView::moveTo(const Link& link) {
    if (const auto number = m_layout.find(link))
        setCursorAt(*number);
}

// --- painting ------------------------------------------------------------------------------------------------------

void CalculationView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    for (const CalculationLayout::Card& card : m_layout.cards())
        paintCard(painter, card);
    for (const CalculationLayout::Place& place : m_layout.places())
        paintPiece(painter, place);
    if (hasFocus())
        paintCursor(painter);
}

void CalculationView::paintCard(QPainter& painter, const CalculationLayout::Card& card) const {
    const Palette& p = colors();
    const QRectF rect = card.rect.adjusted(0.5, 0.5, -0.5, -0.5);
    painter.setPen(Qt::NoPen);
    if (card.isAside) {
        painter.setBrush(p.accentSoft);
        painter.drawRoundedRect(rect, 5, 5);
        return;
    }
    painter.setBrush(card.current ? p.panel : p.field);
    painter.setPen(card.current ? QPen(p.text, 1.4) : QPen(Qt::NoPen));
    painter.drawRoundedRect(rect, 5, 5);
    painter.setPen(Qt::NoPen);
    painter.setBrush(card.current ? p.text : p.border);
    painter.drawRoundedRect(QRectF(rect.left(), rect.top(), card.current ? 4 : 3, rect.height()), 1.5, 1.5);
}

void CalculationView::paintPiece(QPainter& painter, const CalculationLayout::Place& place) const {
    const CalculationRow& row = m_rows[static_cast<std::size_t>(place.row)];
    const CalculationPiece& piece = row.pieces[static_cast<std::size_t>(place.piece)];
    if (piece.isGap)
        return;
    const Palette& p = colors();
    const bool isHovered =
        m_hover
        && m_layout.piece(*m_hover)
               == &m_layout.rows()[static_cast<std::size_t>(place.row)].pieces[static_cast<std::size_t>(place.piece)];
    QColor color = row.kind == CalculationRow::Kind::Note ? p.mutedText : colorOf(piece.meaning);
    if (!row.happened)
        color = blend(color, p.field, 0.38);
    if (isHovered) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(p.accentSoft);
        painter.drawRoundedRect(place.rect.adjusted(-2, 0, 2, 0), 3, 3);
    }
    painter.setFont(CalculationLayout::fontOf(row, piece));
    painter.setPen(color);
    painter.drawText(place.rect, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextDontClip, piece.text);
    if (!piece.link || (!row.current && !isHovered))
        return;
    painter.setPen(QPen(blend(color, p.panel, 0.3), 1, isHovered ? Qt::SolidLine : Qt::DotLine));
    const double y = std::floor(place.rect.bottom()) - 1.5;
    painter.drawLine(QPointF(place.rect.left(), y), QPointF(place.rect.right(), y));
}

/// A double outline, light and dark, as every selection has.
void CalculationView::paintCursor(QPainter& painter) const {
    const QRectF rect = m_layout.rectOf(m_cursor);
    if (rect.isEmpty())
        return;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(colors().panel, 1));
    painter.drawRoundedRect(rect.adjusted(-1.5, 0.5, 1.5, -0.5), 2, 2);
    painter.setPen(QPen(colors().text, 1.3));
    painter.drawRoundedRect(rect.adjusted(-2.5, -0.5, 2.5, 0.5), 3, 3);
}

void CalculationView::resizeEvent(QResizeEvent*) {
    arrange();
}

// --- keys and mouse ------------------------------------------------------------------------------------------------

bool CalculationView::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride && isOwnKey(*static_cast<QKeyEvent*>(event))) {
        event->accept();
        return true;
    }
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto number = m_layout.numberAt(help->pos());
        QToolTip::showText(help->globalPos(), number ? placeText(*m_layout.piece(*number)->link) : QString(), this);
        return true;
    }
    return QWidget::event(event);
}

void CalculationView::keyPressEvent(QKeyEvent* event) {
    if (!isOwnKey(*event))
        return QWidget::keyPressEvent(event);
    if (event->matches(QKeySequence::Copy))
        return QApplication::clipboard()->setText(text());
    switch (event->key()) {
    case Qt::Key_Up:
        return moveRow(-1);
    case Qt::Key_Down:
        return moveRow(1);
    case Qt::Key_Left:
        return moveNumber(-1);
    case Qt::Key_Right:
        return moveNumber(1);
    case Qt::Key_Home:
        m_cursor = {};
        return moveRow(1);
    case Qt::Key_End:
        m_cursor = {static_cast<int>(m_rows.size()), 0};
        return moveRow(-1);
    case Qt::Key_Escape:
        return clearFocus();
    default:
        if (const CalculationPiece* piece = m_layout.piece(m_cursor)) {
            const Link link = *piece->link;
            emit followed(link);
        }
    }
}

/// To the next row that has a number; its result, the last number, is what a row is about.
void CalculationView::moveRow(int direction) {
    for (int row = m_cursor.row + direction; row >= 0 && row < static_cast<int>(m_rows.size()); row += direction) {
        const auto links = static_cast<int>(m_layout.linksOf(row).size());
        if (links > 0)
            return setCursorAt({row, links - 1});
    }
}

void CalculationView::moveNumber(int direction) {
    if (m_cursor.row < 0)
        return moveRow(1);
    const auto links = static_cast<int>(m_layout.linksOf(m_cursor.row).size());
    setCursorAt({m_cursor.row, std::clamp(m_cursor.index + direction, 0, std::max(links - 1, 0))});
}

void CalculationView::setCursorAt(Number number) {
    m_cursor = number;
    point(number);
    emit sightWanted(m_layout.rectOfRow(number.row));
    update();
}

void CalculationView::focusInEvent(QFocusEvent* event) {
    if (m_cursor.row < 0 && event->reason() != Qt::MouseFocusReason)
        moveRow(1);
    QWidget::focusInEvent(event);
}

void CalculationView::focusOutEvent(QFocusEvent* event) {
    point(m_hover);
    QWidget::focusOutEvent(event);
}

void CalculationView::mouseMoveEvent(QMouseEvent* event) {
    m_mouse = event->position();
    const auto number = m_layout.numberAt(*m_mouse);
    if (number == m_hover)
        return;
    m_hover = number;
    setCursor(number ? Qt::PointingHandCursor : Qt::ArrowCursor);
    point(number);
    update();
}

void CalculationView::mousePressEvent(QMouseEvent* event) {
    const auto number = m_layout.numberAt(event->position());
    if (!number || event->button() != Qt::LeftButton)
        return;
    m_cursor = *number;
    const Link link = *m_layout.piece(*number)->link;
    emit followed(link);
}

void CalculationView::leaveEvent(QEvent*) {
    m_mouse.reset();
    pointAgain();
    update();
}

void CalculationView::point(std::optional<Number> number) {
    const CalculationPiece* piece = number ? m_layout.piece(*number) : nullptr;
    const std::optional<Link> link = piece ? piece->link : std::nullopt;
    if (std::exchange(m_pointed, link) != link)
        emit pointed(link);
}

}  // namespace bnstudio
