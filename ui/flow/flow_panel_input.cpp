// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/cell_editor.h"
#include "ui/flow/flow_panel.h"
#include "ui/flow/flow_tips.h"
#include "ui/format.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>

#include <cmath>

namespace bnstudio {

namespace {

constexpr double keyZoom = 1.5625;  // two notches of the wheel

bool isOwnKey(const QKeyEvent& event) {
    if ((event.modifiers() & ~Qt::KeypadModifier) != Qt::NoModifier)
        return false;
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
    case Qt::Key_L:
    case Qt::Key_Plus:
    case Qt::Key_Equal:
    case Qt::Key_Minus:
    case Qt::Key_0:
        return true;
    default:
        return false;
    }
}

}  // namespace

bool FlowPanel::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride && isOwnKey(*static_cast<QKeyEvent*>(event))) {
        event->accept();
        return true;
    }
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(), tooltipAt(help->pos()), this);
        return true;
    }
    return QWidget::event(event);
}

QString FlowPanel::tooltipAt(QPoint position) const {
    const auto place = m_geometry.at(position);
    if (!place) {
        const auto sample = m_geometry.headAt(position);
        return sample ? foldTip(m_content.matrix, *sample) : QString();
    }
    const auto bins =
        place->map >= 0 ? m_binning->find(m_content.maps[static_cast<std::size_t>(place->map)].map) : nullptr;
    return tipFor(m_content, *place, bins.get());
}

// --- keys ----------------------------------------------------------------------------------------------------------

void FlowPanel::keyPressEvent(QKeyEvent* event) {
    if (!isOwnKey(*event))
        return QWidget::keyPressEvent(event);
    switch (event->key()) {
    case Qt::Key_Up:
        return moveCell(-1, 0);
    case Qt::Key_Down:
        return moveCell(1, 0);
    case Qt::Key_Left:
        return moveCell(0, -1);
    case Qt::Key_Right:
        return moveCell(0, 1);
    case Qt::Key_Home:
        return moveCell(-m_content.matrix.rows(), 0);
    case Qt::Key_End:
        return moveCell(m_content.matrix.rows(), 0);
    case Qt::Key_L:
        return toggleFold(m_session.selectedCell().n);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return zoomAtCell(keyZoom);
    case Qt::Key_Minus:
        return zoomAtCell(1 / keyZoom);
    case Qt::Key_0:
        return setWindow({});
    case Qt::Key_Escape:
        return clearFocus();
    default:
        return editCell();
    }
}

void FlowPanel::moveCell(std::int64_t rows, std::int64_t channels) {
    const FlowMatrix& matrix = m_content.matrix;
    if (!m_content.frame || matrix.isEmpty())
        return;
    m_session.selectCell(neighbour(matrix, m_session.selectedCell(), rows, channels));
}

/// Around the selected cell, where that is in sight, else around the middle.
void FlowPanel::zoomAtCell(double factor) {
    const QRect& cells = m_geometry.maps().front().cells;
    const QRect cell = m_geometry.valueRect(0, m_session.selectedCell());
    const QPointF at = cell.isEmpty() ? QRectF(cells).center() : QRectF(cell).center();
    zoomBy(factor, (at.x() - cells.left()) / cells.width(), (at.y() - cells.top()) / cells.height());
}

void FlowPanel::zoomBy(double factor, double x, double y) {
    const QSize size = m_geometry.maps().front().cells.size();
    const CellWindow next = zoomed(m_content.matrix, window(), factor, x, y, size.width(), size.height());
    if (next != window())
        setWindow(next);
}

void FlowPanel::focusInEvent(QFocusEvent* event) {
    update();
    QWidget::focusInEvent(event);
}

void FlowPanel::focusOutEvent(QFocusEvent* event) {
    update();
    QWidget::focusOutEvent(event);
}

// --- mouse ---------------------------------------------------------------------------------------------------------

void FlowPanel::mouseMoveEvent(QMouseEvent* event) {
    const QPoint position = event->position().toPoint();
    if (m_pressed && (event->buttons() & Qt::LeftButton))
        return pan(position);
    const auto place = m_geometry.at(position);
    if (std::exchange(m_hover, place) != place)
        update();
    const bool isHead = !place && m_geometry.headAt(position);
    setCursor(place ? Qt::CrossCursor : isHead ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void FlowPanel::leaveEvent(QEvent*) {
    m_hover.reset();
    update();
}

void FlowPanel::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return QWidget::mousePressEvent(event);
    m_pressed = event->position().toPoint();
    m_windowWhenPressed = window();
    m_isPanning = false;
}

void FlowPanel::mouseReleaseEvent(QMouseEvent* event) {
    if (!m_pressed || event->button() != Qt::LeftButton)
        return;
    const QPoint pressed = *std::exchange(m_pressed, std::nullopt);
    if (m_isPanning)
        return;
    if (const auto place = m_geometry.at(pressed))
        selectAt(*place);
    else if (const auto sample = m_geometry.headAt(pressed))
        toggleFold(*sample);
}

void FlowPanel::mouseDoubleClickEvent(QMouseEvent* event) {
    const auto place = m_geometry.at(event->position().toPoint());
    if (!place || place->map != 0 || event->button() != Qt::LeftButton)
        return;
    selectAt(*place);
    editCell();
}

void FlowPanel::selectAt(const FlowGeometry::Place& place) {
    if (place.row >= 0)
        m_session.selectCell(m_content.matrix.cellAt(place.row, place.column, place.position));
    else
        m_session.selectChannel(place.column);
}

void FlowPanel::pan(QPoint to) {
    constexpr int slack = 4;
    const QPoint moved = *m_pressed - to;
    if (!m_isPanning && moved.manhattanLength() < slack)
        return;
    m_isPanning = true;
    const QRect& cells = m_geometry.maps().front().cells;
    const CellWindow& from = m_windowWhenPressed;
    const auto cellsOf = [](int pixels, std::int64_t count, int length) {
        return std::llround(double(pixels) * double(count) / std::max(length, 1));
    };
    setWindow(panned(m_content.matrix, from, cellsOf(moved.y(), from.rows, cells.height()),
                     cellsOf(moved.x(), from.columns, cells.width())));
}

void FlowPanel::wheelEvent(QWheelEvent* event) {
    const QPoint position = event->position().toPoint();
    const auto place = m_geometry.at(position);
    const double notches = event->angleDelta().y() / 120.0;
    if (!place || place->map < 0 || notches == 0)
        return event->ignore();
    const QRect& cells = m_geometry.maps()[static_cast<std::size_t>(place->map)].cells;
    zoomBy(std::pow(1.25, notches), double(position.x() - cells.left()) / cells.width(),
           double(position.y() - cells.top()) / cells.height());
    event->accept();
}

// --- editing a value -----------------------------------------------------------------------------------------------

void FlowPanel::editCell() {
    const Cell cell = m_session.selectedCell();
    if (!m_content.frame || !m_content.matrix.contains(cell))
        return;
    const LaneSpec& lane = m_session.recipe().lanes.front();
    if (lane.feed.kind != Feed::Kind::Whole)
        return m_session.showMessage(
            tr("This layer sees a part of the batch or an output of another lane; Data, This batch edits its values."));
    setWindow(revealing(m_content.matrix, window(), cell));
    closeEditor();
    m_editedCell = cell;
    m_editor = new CellEditor(formatExact(m_content.frame->x.at(m_content.matrix.flat(cell))), this);
    m_editor->setObjectName(QStringLiteral("flowCellEditor"));
    m_editor->setAccessibleName(tr("Value of x[%1, %2, %3]").arg(cell.n).arg(cell.c).arg(cell.l));
    placeEditor();
    m_editor->selectAll();
    m_editor->show();
    m_editor->setFocus();
    connect(m_editor, &CellEditor::committed, this, &FlowPanel::commitEdit);
    connect(m_editor, &CellEditor::abandoned, this, [this](bool byKey) {
        closeEditor();
        if (byKey)
            setFocus();
    });
}

/// Over its cell, and within the panel.
void FlowPanel::placeEditor() {
    if (!m_editor)
        return;
    const QRect rect = m_geometry.valueRect(0, m_editedCell);
    QRect place(QPoint(), QSize(Theme::instance().scaled(130), m_editor->sizeHint().height()));
    place.moveCenter(rect.center());
    place.moveLeft(std::clamp(place.left(), 0, std::max(0, width() - place.width())));
    place.moveTop(std::clamp(place.top(), 0, std::max(0, height() - place.height())));
    m_editor->setGeometry(place);
}

void FlowPanel::commitEdit() {
    double value = 0;
    if (!parseNumber(m_editor->text(), value))
        return m_session.showMessage(
            tr("“%1” is no number: expected one such as -0.5, 1e-3, nan or inf.").arg(m_editor->text()));
    const Cell cell = m_editedCell;
    closeEditor();
    setFocus();
    if (value != m_content.frame->x.at(m_content.matrix.flat(cell)))
        m_session.apply(EditCell{cell.n, cell.c, cell.l, value});
}

void FlowPanel::closeEditor() {
    if (CellEditor* editor = std::exchange(m_editor, nullptr)) {
        editor->hide();
        editor->deleteLater();
    }
}

}  // namespace bnstudio
