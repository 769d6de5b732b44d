// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/presentation.h"

#include "ui/blank_screen.h"
#include "ui/card_dock.h"
#include "ui/docks.h"
#include "ui/panels/transport_bar.h"
#include "ui/preferences.h"
#include "ui/presentation_stops.h"
#include "ui/session/session.h"

#include <QApplication>
#include <QMainWindow>
#include <QMenuBar>
#include <QStatusBar>
#include <QToolBar>

#include <algorithm>

namespace bnstudio {

namespace {

constexpr int idleMs = 3000;

constexpr ActionId ownActions[] = {ActionId::NextStop, ActionId::PreviousStop, ActionId::BlankScreen,
                                   ActionId::LeavePresentation};

void setLeastPixels(int pixels) {
    TextSize size = Theme::instance().textSize();
    size.leastPixels = pixels;
    Theme::instance().setTextSize(size);
}

/// Layouts take up new sizes of text in the next turn of the event loop, too late for who restores sizes now.
void settleLayouts() {
    QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
}

}  // namespace

Presentation::Presentation(QMainWindow& window, Session& session, Docks& docks, TransportBar& transport,
                           const Actions& actions)
    : QObject(&window),
      m_window(window),
      m_session(session),
      m_docks(docks),
      m_transport(transport),
      m_actions(actions) {
    m_idle.setSingleShot(true);
    m_idle.setInterval(idleMs);
    connect(&m_idle, &QTimer::timeout, this, &Presentation::hideCursor);
    connect(&session, &Session::changed, this, [this](Changes changes) {
        if (m_isActive && (changes & (Change::Shown | Change::Recipe | Change::Head)))
            refreshCaption();
    });
    enableActions();
}

Presentation::~Presentation() {
    showCursor();
    if (m_isActive)
        setLeastPixels(0);
}

QStringList Presentation::panels() const {
    QStringList chosen;
    for (const QString& name : preferences().presentationPanels)
        if (m_docks.contains(name))
            chosen << name;
    return chosen.isEmpty() ? m_docks.firstNames() : chosen;
}

void Presentation::toggle() {
    m_isActive ? leave() : enter();
}

void Presentation::enter() {
    if (m_isActive)
        return;
    m_isActive = true;
    m_layout = m_window.saveState();
    m_size = m_window.size();
    m_states = m_window.windowState();
    m_focusBefore = m_window.focusWidget();
    m_hadMenu = !m_window.menuBar()->isHidden();
    m_hadStatus = !m_window.statusBar()->isHidden();
    m_window.menuBar()->hide();
    m_window.statusBar()->hide();
    if (auto* timeline = m_window.findChild<QToolBar*>(QStringLiteral("timelineBar")))
        timeline->hide();
    m_transport.setSlim(true);
    m_docks.showOnly({});  // what does not show need not fit
    setLeastPixels(leastTextPixels);
    arrange();
    m_transport.focusPlayButton();
    enableActions();
    refreshCaption();
    qApp->installEventFilter(this);
    m_idle.start();
    emit entered();
}

/// The first panel is the large one, the second stands beside it, the third below.
void Presentation::arrange() {
    QList<QDockWidget*> shown;
    for (const QString& name : panels())
        shown << m_docks[name.toLatin1().constData()];
    for (QDockWidget* dock : shown) {
        dock->setFloating(false);
        m_window.addDockWidget(Qt::LeftDockWidgetArea, dock);
    }
    if (shown.size() > 1)
        m_window.splitDockWidget(shown[0], shown[1], Qt::Horizontal);
    if (shown.size() > 2)
        m_window.splitDockWidget(shown[0], shown[2], Qt::Vertical);
    for (QDockWidget* dock : shown)
        dock->show();
    m_window.resize(m_size);
    settleLayouts();
    if (shown.size() > 1)
        m_window.resizeDocks({shown[0], shown[1]}, {60, 40}, Qt::Horizontal);
    if (shown.size() > 2)
        m_window.resizeDocks({shown[0], shown[2]}, {68, 32}, Qt::Vertical);
}

void Presentation::leave() {
    if (!m_isActive)
        return;
    m_isActive = false;
    qApp->removeEventFilter(this);
    m_idle.stop();
    showCursor();
    delete m_blank;
    m_docks.showOnly({});
    m_transport.setSlim(false);  // before the text shrinks: what is hidden would learn of it too late
    setLeastPixels(0);
    m_window.menuBar()->setVisible(m_hadMenu);
    m_window.statusBar()->setVisible(m_hadStatus);
    if (m_window.windowState() != m_states)
        m_window.setWindowState(m_states);
    if (!(m_states & (Qt::WindowFullScreen | Qt::WindowMaximized)))
        m_window.resize(m_size);
    settleLayouts();
    m_window.restoreState(m_layout);
    enableActions();
    if (m_focusBefore)
        m_focusBefore->setFocus(Qt::OtherFocusReason);
}

/// Page keys, B and Esc have other uses in a window that does not present.
void Presentation::enableActions() {
    for (const ActionId id : ownActions)
        m_actions[id]->setEnabled(m_isActive);
}

// --- steps ---------------------------------------------------------------------------------------------------------

void Presentation::go(bool forward) {
    const std::vector<PresentationStop> stops = presentationStops(m_session);
    const std::int64_t here = m_session.playhead();
    const auto isAfter = [here](const PresentationStop& stop) { return stop.step > here; };
    const auto isBefore = [here](const PresentationStop& stop) { return stop.step < here; };
    m_session.pause();
    if (forward) {
        if (const auto next = std::find_if(stops.begin(), stops.end(), isAfter); next != stops.end())
            m_session.goTo(next->step);
    } else if (const auto last = std::find_if(stops.rbegin(), stops.rend(), isBefore); last != stops.rend()) {
        m_session.goTo(last->step);
    }
}

void Presentation::refreshCaption() {
    const std::vector<PresentationStop> stops = presentationStops(m_session);
    const std::int64_t here = m_session.shown().step;
    const auto at =
        std::find_if(stops.begin(), stops.end(), [here](const PresentationStop& stop) { return stop.step == here; });
    m_transport.setCaption(
        at == stops.end() ? QString() : tr("%1 / %2 · %3").arg(at - stops.begin() + 1).arg(stops.size()).arg(at->name));
}

void Presentation::blank() {
    if (m_isActive && !m_blank)
        m_blank = new BlankScreen(m_window);
}

// --- the cursor ----------------------------------------------------------------------------------------------------

bool Presentation::eventFilter(QObject*, QEvent* event) {
    switch (event->type()) {
    case QEvent::MouseMove:
    case QEvent::MouseButtonPress:
    case QEvent::Wheel:
        showCursor();
        m_idle.start();
        break;
    default:
        break;
    }
    return false;
}

void Presentation::hideCursor() {
    if (m_isActive && !std::exchange(m_cursorIsHidden, true))
        QApplication::setOverrideCursor(Qt::BlankCursor);
}

void Presentation::showCursor() {
    if (std::exchange(m_cursorIsHidden, false))
        QApplication::restoreOverrideCursor();
}

}  // namespace bnstudio
