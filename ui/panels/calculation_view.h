// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/panels/calculation_layout.h"

#include <QWidget>

namespace bnstudio {

/// The lines of a calculation. Every number is a link: hovering or reaching it with the arrow keys points at it, a click
/// or Enter follows it. Up and down go from line to line, left and right from number to number; Esc gives the keys back.
class CalculationView : public QWidget {
    Q_OBJECT
public:
    explicit CalculationView(QWidget* parent = nullptr);
    void show(std::vector<CalculationRow> rows);
    const CalculationLayout& layoutOfRows() const { return m_layout; }
    /// All rows as text, a line each.
    QString text() const;
    /// The row that the keys are in, as text; empty before the first key.
    QString currentText() const;
    /// Moves the keys to a number, if it is there.
    void moveTo(const Link& link);
    /// Where the present phase lies; empty when there is none.
    QRectF currentCard() const;
    std::optional<Link> pointedAt() const { return m_pointed; }

signals:
    /// The number under the mouse or the keys, or nothing.
    void pointed(std::optional<bnstudio::Link> link);
    void followed(const bnstudio::Link& link);
    /// Something that should be in sight.
    void sightWanted(const QRectF& rect);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent*) override;
    void resizeEvent(QResizeEvent*) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent*) override;

private:
    using Number = CalculationLayout::Number;
    void arrange();
    void paintCard(QPainter& painter, const CalculationLayout::Card& card) const;
    void paintPiece(QPainter& painter, const CalculationLayout::Place& place) const;
    void paintCursor(QPainter& painter) const;
    void moveRow(int direction);
    void moveNumber(int direction);
    void setCursorAt(Number number);
    void point(std::optional<Number> number);
    void pointAgain();

    std::vector<CalculationRow> m_rows;
    CalculationLayout m_layout;
    Number m_cursor;                 ///< of the keys; row −1 before the first one
    std::optional<QPointF> m_mouse;  ///< where the mouse is over the view
    std::optional<Number> m_hover;
    std::optional<Link> m_pointed;
};

}  // namespace bnstudio
