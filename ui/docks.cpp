// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/docks.h"

#include "ui/card_dock.h"
#include "ui/flow/flow_panel.h"
#include "ui/panels/calculation_panel.h"
#include "ui/plots/plot_view.h"
#include "ui/theme.h"

#include <QLayout>
#include <QMainWindow>
#include <QMenu>
#include <QSettings>

#include <algorithm>

namespace bnstudio {

namespace {

constexpr int lowWindow = 860;
// The least heights of docks above each other add up, and a window would grow to their sum before a low one gets the
// layout that suits it.
constexpr int leastPlotHeight = 80, leastWindowHeight = 560;

CardDock* makeDock(const DockSpec& spec, QMainWindow& window, Session& session) {
    const DockContent content = spec.make(session);
    auto* dock = new CardDock(content.title, QLatin1String(spec.name), content.widget, content.scrolls, &window);
    if (content.header)
        dock->takeHeader(content.header);
    dock->setTabTitle(content.tab);
    if (auto* view = qobject_cast<PlotView*>(content.widget)) {
        view->setMinimumHeight(leastPlotHeight);
        view->setAccessibleName(content.title);  // behind a tab it names itself only when it is seen
        QObject::connect(view, &PlotView::titleChanged, dock, [dock, view] { dock->setTitle(view->title()); });
    }
    return dock;
}

}  // namespace

Docks::Docks(QMainWindow& window, Session& session) : m_window(window) {
    window.setMinimumHeight(leastWindowHeight);
    for (const DockSpec& spec : dockTable())
        m_docks << makeDock(spec, window, session);
    // The number that is pointed at in the calculation shows its place in the flow.
    auto* flow = window.findChild<FlowPanel*>();
    if (auto* calculation = window.findChild<CalculationPanel*>(); flow && calculation)
        QObject::connect(calculation, &CalculationPanel::pointed, flow, &FlowPanel::point);
}

CardDock* Docks::operator[](const char* name) const {
    const auto found = std::find_if(m_docks.begin(), m_docks.end(),
                                    [name](const CardDock* dock) { return dock->objectName() == QLatin1String(name); });
    Q_ASSERT(found != m_docks.end());
    return *found;
}

void Docks::arrange() {
    for (CardDock* dock : std::as_const(m_docks)) {
        dock->setFloating(false);
        m_window.addDockWidget(Qt::LeftDockWidgetArea, dock);
    }
    for (const DockSpec& spec : dockTable()) {
        CardDock* dock = (*this)[spec.name];
        if (spec.place == DockPlace::RightOf)
            m_window.splitDockWidget((*this)[spec.neighbour], dock, Qt::Horizontal);
        else if (spec.place == DockPlace::Below)
            m_window.splitDockWidget((*this)[spec.neighbour], dock, Qt::Vertical);
        else if (spec.place == DockPlace::TabBehind)
            m_window.tabifyDockWidget((*this)[spec.neighbour], dock);
    }
    for (CardDock* dock : std::as_const(m_docks))
        dock->show();
    for (const DockSpec& spec : dockTable())
        if (spec.place == DockPlace::TabBehind)
            (*this)[spec.neighbour]->raise();
    if (m_window.isVisible())
        resizeToWindow();
}

void Docks::resizeToWindow() {
    const auto dock = [this](const char* name) { return (*this)[name]; };
    m_window.layout()->activate();
    const Theme& theme = Theme::instance();
    const int left = theme.scaled(276);
    const int right = std::min(std::clamp(m_window.width() * 28 / 100, theme.scaled(412), theme.scaled(450)),
                               m_window.width() * 33 / 100);
    const int middle = m_window.width() - left - right;
    m_window.resizeDocks({dock("data"), dock("flow"), dock("calculation")}, {left, middle, right}, Qt::Horizontal);
    m_window.resizeDocks({dock("runningMean"), dock("runningVar")}, {middle / 2, middle / 2}, Qt::Horizontal);
    if (m_window.height() < lowWindow) {  // three cards above each other would show nothing of any
        for (const char* name : {"training", "recording"})
            m_window.tabifyDockWidget(dock("layer"), dock(name));
        m_window.tabifyDockWidget(dock("channels"), dock("findings"));
        for (const char* name : {"distributions", "parameters", "loss"})
            m_window.tabifyDockWidget(dock("runningMean"), dock(name));
        for (const char* name : {"heat", "profile"})
            m_window.tabifyDockWidget(dock("runningVar"), dock(name));
        dock("runningMean")->raise();
        dock("runningVar")->raise();
        m_window.resizeDocks({dock("flow"), dock("runningMean")}, {300, 200}, Qt::Vertical);
        dock("layer")->raise();
        dock("channels")->raise();
        m_window.resizeDocks({dock("data"), dock("layer")}, {240, 300}, Qt::Vertical);
        m_window.resizeDocks({dock("calculation"), dock("channels")}, {300, 240}, Qt::Vertical);
    } else {
        m_window.resizeDocks({dock("distributions"), dock("heat")}, {middle / 2, middle / 2}, Qt::Horizontal);
        m_window.resizeDocks({dock("flow"), dock("runningMean"), dock("distributions")}, {370, 225, 225}, Qt::Vertical);
        m_window.resizeDocks({dock("data"), dock("layer"), dock("training")}, {290, 350, 230}, Qt::Vertical);
        m_window.resizeDocks({dock("calculation"), dock("findings"), dock("channels")}, {370, 190, 300}, Qt::Vertical);
    }
}

void Docks::fillMenu(QMenu* menu) const {
    QList<CardDock*> sorted = m_docks;
    std::sort(sorted.begin(), sorted.end(),
              [](const CardDock* a, const CardDock* b) { return a->objectName() < b->objectName(); });
    for (const CardDock* dock : std::as_const(sorted))
        menu->addAction(dock->toggleViewAction());
}

QStringList Docks::names() const {
    QStringList all;
    for (const CardDock* dock : m_docks)
        all << dock->objectName();
    return all;
}

void Docks::save() const {
    QSettings settings;
    settings.setValue(QStringLiteral("layout"), m_window.saveState());
    settings.setValue(QStringLiteral("layoutDocks"), names());
}

// A saved layout knows nothing about docks that are newer than it and would leave them anywhere.
bool Docks::restore() {
    const QSettings settings;
    return settings.value(QStringLiteral("layoutDocks")).toStringList() == names()
           && m_window.restoreState(settings.value(QStringLiteral("layout")).toByteArray());
}

}  // namespace bnstudio
