// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_view.h"

#include "ui/plots/chart.h"
#include "ui/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

namespace bnstudio {

PlotView::PlotView(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_plot(new QCustomPlot(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 2, 8, 4);
    column->setSpacing(2);
    buildHeader();
    column->addWidget(m_headerBar);
    column->addWidget(m_plot, 1);
    m_empty = new QLabel(this);
    m_empty->setObjectName(QStringLiteral("muted"));
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->hide();
    column->addWidget(m_empty, 1);
    m_readout = new QLabel(m_plot);
    m_readout->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_readout->hide();

    m_plot->setFocusPolicy(Qt::NoFocus);
    m_plot->setMinimumSize(80, 40);
    m_plot->plotLayout()->setMargins(QMargins(0, 0, 0, 0));
    m_plot->plotLayout()->setRowSpacing(0);
    m_plot->installEventFilter(this);
    setFocusPolicy(Qt::StrongFocus);
    connectMouse();
    connect(&session, &Session::changed, this, &PlotView::sessionChanged);
    connect(&Theme::instance(), &Theme::changed, this, &PlotView::applyTheme);
}

PlotView::~PlotView() = default;

void PlotView::buildHeader() {
    m_headerBar = new QWidget(this);
    m_header = new QHBoxLayout(m_headerBar);
    m_header->setContentsMargins(0, 0, 0, 0);
    m_header->setSpacing(6);
    m_legend = new LegendRow(m_headerBar);
    m_header->addWidget(m_legend, 1);
    m_menuButton = new QToolButton(m_headerBar);
    m_menuButton->setObjectName(QStringLiteral("flat"));
    m_menuButton->setText(QStringLiteral("⋯"));
    m_menuButton->setToolTip(tr("Zoom, scale, save and copy"));
    m_menuButton->setAccessibleName(tr("Plot menu"));
    m_menuButton->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(m_menuButton);
    connect(menu, &QMenu::aboutToShow, this, [this, menu] {
        menu->clear();
        fillMenu(*menu);
    });
    m_menuButton->setMenu(menu);
    m_header->addWidget(m_menuButton);
}

QToolButton* PlotView::addSwitch(const QString& text, const QString& accessibleName) {
    auto* button = new QToolButton(m_headerBar);
    button->setText(text);
    button->setCheckable(true);
    button->setAccessibleName(accessibleName);
    button->setToolTip(accessibleName);
    button->setStyleSheet(QStringLiteral("QToolButton { padding: 0px 6px; border-radius: 5px; }"));
    useFont(button, TextRole::Text, -2);
    addToHeader(button);
    return button;
}

void PlotView::addToHeader(QWidget* control) {
    m_header->insertWidget(m_header->indexOf(m_menuButton), control);
}

void PlotView::setLogScaleUsable(bool usable) {
    m_logButton->setVisible(usable);
    m_logButton->setEnabled(usable);
}

void PlotView::addLogScale(bool on) {
    m_logButton = addSwitch(tr("log"), tr("Logarithmic scale"));
    m_logScale = on;
    m_logButton->setChecked(on);
    connect(m_logButton, &QToolButton::toggled, this, &PlotView::setLogScale);
}

void PlotView::setChart(Chart& chart) {
    m_chart = &chart;
    applyTheme();
}

const Palette& PlotView::plotColors() const {
    return m_filePalette ? *m_filePalette : colors();
}

ChartStyle PlotView::screenStyle() const {
    return {plotColors(), Theme::instance().textFont(-2), m_filePalette != nullptr};
}

void PlotView::applyTheme() {
    m_plot->setBackground(QBrush(colors().panel));
    m_readout->setStyleSheet(
        QStringLiteral("background: %1; color: %2; border: 1px solid %3; border-radius: 3px; padding: 1px 4px;")
            .arg(colors().panel.name(), colors().text.name(), colors().border.name()));
    m_readout->setFont(Theme::instance().textFont(-2));
    if (m_chart)
        m_chart->setStyle(screenStyle());
    invalidate();
}

// --- keeping up to date --------------------------------------------------------------------------------------------

void PlotView::sessionChanged(Changes changes) {
    if (changes & contentChanges())
        schedule(Pending::Content);
    else if (followsPlayhead() && (changes & (Changes(Change::Transport) | Change::Shown)))
        schedule(Pending::Playhead);
}

void PlotView::schedule(Pending pending) {
    m_pending = std::max(m_pending, pending);
    if (m_isQueued || !isSeen())
        return;
    m_isQueued = true;
    QMetaObject::invokeMethod(this, &PlotView::processPending, Qt::QueuedConnection);
}

/// Docks behind a tab count as visible: Qt moves them out of sight.
bool PlotView::isSeen() const {
    return isVisible() && !visibleRegion().isEmpty();
}

void PlotView::processPending() {
    m_isQueued = false;
    if (!isSeen())
        return;
    switch (std::exchange(m_pending, Pending::Nothing)) {
    case Pending::Nothing:
        break;
    case Pending::Playhead:
        movePlayhead();
        break;
    case Pending::Redraw:
        redraw();
        break;
    case Pending::Content:
        refresh();
        break;
    }
}

void PlotView::refresh() {
    m_pending = Pending::Nothing;
    fill();
    redraw();
    if (const QString name = title(); name != m_lastTitle) {
        m_lastTitle = name;
        setAccessibleName(name);
        m_plot->setAccessibleName(tr("Plot: %1").arg(name));
        emit titleChanged();
    }
    if (hasFocus())
        speakUp();
    emit refreshed();
}

void PlotView::redraw() {
    m_chart->setPlayhead(m_session.playhead());
    m_chart->update();
    updated();
    m_legend->setEntries(m_chart->legend());
    const QString& words = m_chart->emptyText();
    m_empty->setText(words);
    m_empty->setVisible(!words.isEmpty());
    m_plot->setVisible(words.isEmpty());
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void PlotView::movePlayhead() {
    m_chart->setPlayhead(m_session.playhead());
    m_plot->layer(QStringLiteral("playhead"))->replot();
}

bool PlotView::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->modifiers() == Qt::NoModifier && (wantsKey(key->key()) || key->key() == Qt::Key_Escape))
            event->accept();
    }
    return QWidget::event(event);
}

void PlotView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_pending != Pending::Nothing)
        schedule(m_pending);
}

// --- zoom ----------------------------------------------------------------------------------------------------------

bool PlotView::isZoomed() const {
    return m_chart->isZoomed();
}
QString PlotView::emptyText() const {
    return m_chart->emptyText();
}
QString PlotView::readoutAt(QPointF position) const {
    return m_chart->readoutAt(position);
}

QStringList PlotView::legendWords() const {
    QStringList words;
    for (const LegendEntry& entry : m_legend->entries())
        words << entry.text;
    return words;
}

std::vector<QPointF> PlotView::plottedLine(PlotRole role, std::int64_t channel) const {
    return m_chart->line(role, channel);
}

QRectF PlotView::visibleRange() const {
    const QCPRange x = m_chart->x().range(), y = m_chart->y().range();
    return QRectF(QPointF(x.lower, y.lower), QPointF(x.upper, y.upper));
}

void PlotView::zoomX(double factor, double position) {
    m_chart->zoomX(factor, position);
    redraw();
}

void PlotView::zoomY(double factor, double position) {
    m_chart->zoomY(factor, position);
    redraw();
}

void PlotView::resetZoom() {
    m_chart->resetZoom();
    redraw();
}

void PlotView::setLogScale(bool on) {
    if (!m_logButton || on == m_logScale)
        return;
    m_logScale = on;
    m_logButton->setChecked(on);
    refresh();
}

void PlotView::fillMenu(QMenu& menu) {
    QAction* reset = menu.addAction(tr("Reset zoom"), this, &PlotView::resetZoom);
    reset->setEnabled(isZoomed());
    if (m_logButton) {
        QAction* log = menu.addAction(tr("Log scale"), this, &PlotView::setLogScale);
        log->setCheckable(true);
        log->setChecked(m_logScale);
        log->setEnabled(m_logButton->isEnabled());
    }
    menu.addSeparator();
    menu.addAction(tr("Show as table…"), this, &PlotView::showTable)->setShortcut(QKeyCombination(Qt::CTRL, Qt::Key_T));
    menu.addAction(tr("Save picture…"), this, &PlotView::exportRequested);
    menu.addAction(tr("Save table…"), this, &PlotView::tableRequested);
    menu.addAction(tr("Copy picture"), this, [this] { QGuiApplication::clipboard()->setImage(picture()); });
}

}  // namespace bnstudio
