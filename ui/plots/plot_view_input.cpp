// SPDX-License-Identifier: GPL-3.0-or-later
// Mouse and keys of PlotView.
#include "ui/export/widget_drawing.h"
#include "ui/plots/chart.h"
#include "ui/plots/plot_export.h"
#include "ui/plots/plot_view.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <cmath>

namespace bnstudio {

namespace {

constexpr double clickSlack = 4;  // pixels a press may move and still be a click

double fractionX(const Chart& chart, double pixel) {
    return (pixel - chart.rect().left()) / chart.rect().width();
}

double fractionY(const Chart& chart, double pixel) {
    const double up = (chart.rect().bottom() - pixel) / chart.rect().height();
    return chart.y().rangeReversed() ? 1 - up : up;
}

}  // namespace

void PlotView::connectMouse() {
    connect(m_plot, &QCustomPlot::mousePress, this, &PlotView::mousePressed);
    connect(m_plot, &QCustomPlot::mouseMove, this, &PlotView::mouseMoved);
    connect(m_plot, &QCustomPlot::mouseRelease, this, &PlotView::mouseReleased);
    connect(m_plot, &QCustomPlot::mouseWheel, this, &PlotView::wheelTurned);
    connect(m_plot, &QCustomPlot::mouseDoubleClick, this, &PlotView::doubleClicked);
    m_plot->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_plot, &QWidget::customContextMenuRequested, this, [this](const QPoint& position) {
        QMenu menu(this);
        fillMenu(menu);
        menu.exec(m_plot->mapToGlobal(position));
    });
}

bool PlotView::isNearPlayhead(QPointF position) const {
    constexpr double reach = 5;
    return m_chart->rect().rect().contains(position.toPoint())
           && std::abs(m_chart->playheadPixel() - position.x()) <= reach;
}

void PlotView::mousePressed(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    setFocus(Qt::MouseFocusReason);
    m_pressed = m_last = event->position();
    m_drag = isNearPlayhead(m_pressed) ? Drag::Playhead : Drag::Pending;
}

void PlotView::mouseMoved(QMouseEvent* event) {
    const QPointF position = event->position();
    if (m_drag == Drag::Pending && (position - m_pressed).manhattanLength() > clickSlack)
        m_drag = Drag::Pan;
    if (m_drag == Drag::Pan) {
        m_chart->pan(position - m_last);
        schedule(Pending::Redraw);
    } else if (m_drag == Drag::Playhead) {
        const auto step = static_cast<std::int64_t>(std::lround(m_chart->x().pixelToCoord(position.x())));
        m_session.goTo(std::clamp<std::int64_t>(step, -1, m_session.head() - 1));
    }
    m_last = position;
    m_plot->setCursor(isNearPlayhead(position) ? Qt::SplitHCursor : Qt::ArrowCursor);
    showReadout(position);
}

void PlotView::mouseReleased(QMouseEvent* event) {
    const bool isClick = m_drag == Drag::Pending;
    m_drag = Drag::None;
    if (!isClick || event->button() != Qt::LeftButton || !m_chart->rect().rect().contains(event->pos()))
        return;
    m_playheadBeforeClick = m_session.playhead();
    clicked(m_chart->x().pixelToCoord(event->position().x()), m_chart->y().pixelToCoord(event->position().y()));
}

void PlotView::clicked(double x, double) {
    const auto step = static_cast<std::int64_t>(std::lround(x));
    if (step >= -1 && step < m_session.head())
        m_session.goTo(step);
}

void PlotView::wheelTurned(QWheelEvent* event) {
    if (!m_chart)
        return;
    const double turned = event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
    const double factor = std::pow(0.85, turned / 120);
    const QPointF position = event->position();
    if ((event->modifiers() & Qt::ControlModifier) || position.x() < m_chart->rect().left())
        m_chart->zoomY(factor, std::clamp(fractionY(*m_chart, position.y()), 0.0, 1.0));
    else
        m_chart->zoomX(factor, std::clamp(fractionX(*m_chart, position.x()), 0.0, 1.0));
    schedule(Pending::Redraw);
    event->accept();
}

void PlotView::doubleClicked(QMouseEvent*) {
    if (!isZoomed())
        return;
    // The first click of the two has moved the playhead already; it was not meant.
    if (followsPlayhead())
        m_session.goTo(m_playheadBeforeClick);
    m_drag = Drag::None;
    resetZoom();
}

void PlotView::showReadout(QPointF position) {
    const bool inside = m_chart->rect().rect().contains(position.toPoint());
    const QString words = inside && m_drag != Drag::Pan ? m_chart->readoutAt(position) : QString();
    m_readout->setVisible(!words.isEmpty());
    if (words.isEmpty())
        return;
    m_readout->setText(words);
    m_readout->adjustSize();
    // At the top, on the side where the cursor is not.
    const QRect area = m_chart->rect().rect();
    const bool left = position.x() > area.center().x();
    const int x = left ? area.left() + 2 : area.right() - m_readout->width() - 2;
    const bool coversCursor = position.y() < area.top() + m_readout->height() + 6;
    m_readout->move(std::max(0, x), coversCursor ? area.bottom() - m_readout->height() - 2 : area.top() + 2);
}

void PlotView::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoomX(0.8);
        return;
    case Qt::Key_Minus:
        zoomX(1.25);
        return;
    case Qt::Key_0:
        resetZoom();
        return;
    case Qt::Key_Escape:
        clearFocus();
        return;
    case Qt::Key_T:
        if (event->modifiers() == Qt::ControlModifier)
            return showTable();
        break;
    default:
        break;
    }
    if (event->modifiers() == Qt::NoModifier && wantsKey(event->key()))
        handleKey(event->key());
    else
        QWidget::keyPressEvent(event);
}

/// By the Menu key; the mouse is answered where the plot is clicked.
void PlotView::contextMenuEvent(QContextMenuEvent* event) {
    if (event->reason() != QContextMenuEvent::Keyboard)
        return QWidget::contextMenuEvent(event);
    QMenu menu(this);
    fillMenu(menu);
    menu.exec(m_plot->mapToGlobal(m_plot->rect().center()));
}

void PlotView::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    update();
}

void PlotView::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    update();
}

void PlotView::paintEvent(QPaintEvent*) {
    if (!hasFocus())
        return;
    QPainter painter(this);
    painter.setPen(QPen(colors().accent, 1));
    painter.drawRect(rect().adjusted(1, 0, -2, -1));
}

bool PlotView::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_plot && event->type() == QEvent::Leave)
        m_readout->hide();
    if (watched == m_plot && event->type() == QEvent::Resize)
        schedule(Pending::Redraw);
    if (watched == m_plot && event->type() == QEvent::Paint && m_pending != Pending::Nothing)
        schedule(m_pending);  // comes into sight, as from behind a tab
    if (watched == m_plot && event->type() == QEvent::Paint && VectorPainting::isOn()) {
        QCPPainter painter(m_plot);
        paintVectors(*m_plot, painter, m_plot->size());
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace bnstudio
