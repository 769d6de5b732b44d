// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window_looks.h"

#include "ui/actions.h"
#include "ui/card_dock.h"
#include "ui/docks.h"
#include "ui/panels/preferences_dialog.h"
#include "ui/panels/tour.h"
#include "ui/panels/transport_bar.h"
#include "ui/presentation.h"

#include <QActionGroup>
#include <QMainWindow>
#include <QSettings>
#include <QStatusBar>
#include <QToolButton>

#include <algorithm>

namespace bnstudio {

namespace {

constexpr int percentStep = 10;

QString tourKey() {
    return QStringLiteral("tour/seen");
}

}  // namespace

WindowLooks::WindowLooks(QMainWindow& window, Session& session, Docks& docks, TransportBar& transport,
                         const Actions& actions)
    : QObject(&window),
      m_window(window),
      m_docks(docks),
      m_transport(transport),
      m_actions(actions),
      m_presentation(new Presentation(window, session, docks, transport, actions)) {
    connectThemes();
    connectSizes();
    connectPanels();
    connectPresentation();
    addPanelsButton();
    m_actions.connectTo(ActionId::Preferences, [this] { openPreferences(); });
    m_actions.connectTo(ActionId::ShowTour, [this] { showTour(); });
}

void WindowLooks::connectThemes() {
    static constexpr std::pair<ActionId, Theme::Mode> themes[] = {{ActionId::ThemeLight, Theme::Mode::Light},
                                                                  {ActionId::ThemeDark, Theme::Mode::Dark},
                                                                  {ActionId::ThemeSystem, Theme::Mode::System}};
    auto* group = new QActionGroup(this);
    for (const auto& [id, mode] : themes) {
        m_actions[id]->setCheckable(true);
        group->addAction(m_actions[id]);
        m_actions.connectTo(
            id, [mode = mode] { changePreferences([mode](Preferences& wanted) { wanted.chooseTheme(mode); }); });
    }
    const auto showMode = [this] {
        for (const auto& [id, mode] : themes)
            m_actions[id]->setChecked(Theme::instance().mode() == mode);
    };
    connect(&Theme::instance(), &Theme::changed, this, showMode);
    showMode();
}

void WindowLooks::connectSizes() {
    const auto resize = [this](ActionId id, const std::function<int(int)>& percent) {
        m_actions.connectTo(id, [this, percent] {
            changePreferences([&](Preferences& wanted) { wanted.textPercent = percent(wanted.textPercent); });
            m_window.statusBar()->showMessage(tr("Size of text: %1 %").arg(preferences().textPercent), 3000);
        });
    };
    resize(ActionId::TextLarger, [](int percent) { return percent + percentStep; });
    resize(ActionId::TextSmaller, [](int percent) { return percent - percentStep; });
    resize(ActionId::TextUsual, [](int) { return 100; });
}

void WindowLooks::openPreferences() {
    QList<PanelChoice> panels;
    for (const CardDock* dock : m_docks.all())
        panels << PanelChoice{dock->objectName(), dock->title()};
    (new PreferencesDialog(panels, &m_window))->open();
}

// --- panels --------------------------------------------------------------------------------------------------------

void WindowLooks::connectPanels() {
    m_actions.connectTo(ActionId::RestoreLayout, [this] {
        m_presentation->leave();
        m_docks.arrange();
    });
    m_actions.connectTo(ActionId::AllPanels, [this] {
        m_presentation->leave();
        m_docks.showAll();
    });
}

/// One click from few panels to all of them; there only while some are closed.
void WindowLooks::addPanelsButton() {
    QAction* all = m_actions[ActionId::AllPanels];
    auto* button = new QToolButton;
    button->setObjectName(QStringLiteral("allPanelsButton"));
    button->setText(tr("All panels"));
    button->setToolTip(all->toolTip());
    button->setWhatsThis(all->whatsThis());
    button->setAccessibleName(button->text());
    connect(button, &QToolButton::clicked, all, &QAction::trigger);
    m_window.statusBar()->addPermanentWidget(button);
    const auto refresh = [this, button] {
        button->setVisible(std::any_of(m_docks.all().begin(), m_docks.all().end(),
                                       [](const CardDock* dock) { return dock->isHidden(); }));
    };
    for (const CardDock* dock : m_docks.all())
        connect(dock->toggleViewAction(), &QAction::toggled, button, refresh);
    refresh();
}

void WindowLooks::showFirstPanels() {
    m_docks.showOnly(m_docks.firstNames());
    const QStringList names = m_docks.firstNames();
    const auto dock = [&](qsizetype i) { return m_docks[names[i].toLatin1().constData()]; };
    const int calculation = Theme::instance().scaled(440);
    m_window.resizeDocks({dock(0), dock(names.indexOf(QStringLiteral("calculation")))},
                         {m_window.width() - calculation, calculation}, Qt::Horizontal);
    if (names.size() > 2)
        m_window.resizeDocks({dock(0), dock(2)}, {60, 40}, Qt::Vertical);
}

// --- presentation --------------------------------------------------------------------------------------------------

void WindowLooks::connectPresentation() {
    m_actions.connectTo(ActionId::Present, [this] { m_presentation->toggle(); });
    m_actions.connectTo(ActionId::LeavePresentation, [this] { m_presentation->leave(); });
    m_actions.connectTo(ActionId::NextStop, [this] { m_presentation->go(true); });
    m_actions.connectTo(ActionId::PreviousStop, [this] { m_presentation->go(false); });
    m_actions.connectTo(ActionId::BlankScreen, [this] { m_presentation->blank(); });
    m_actions.connectTo(ActionId::FullScreen,
                        [this] { m_window.setWindowState(m_window.windowState() ^ Qt::WindowFullScreen); });
    connect(m_presentation, &Presentation::entered, this, [this] {
        if (m_tour)
            m_tour->end(false);
    });
}

// --- the first minute ----------------------------------------------------------------------------------------------

void WindowLooks::offerTour() {
    if (!QSettings().value(tourKey(), false).toBool())
        showTour();
}

void WindowLooks::showTour() {
    m_presentation->leave();
    if (m_tour)
        m_tour->end(false);
    std::vector<TourStop> stops;
    const auto addPanel = [&](const char* name, const QString& title, const QString& text) {
        if (m_docks.contains(QLatin1String(name)))
            stops.push_back({m_docks[name], title, text});
    };
    addPanel(
        "flow", tr("What a step does"),
        tr("A batch comes in at the left. Its mean and variance make x̂ of it, and γ and β make y. A click on a cell "
           "takes its numbers into the calculation."));
    stops.push_back({&m_transport, tr("Step by step"),
                     tr("Space plays, → and ← go one step on and back. Going back is exact: every step shows the "
                        "very numbers it had.")});
    addPanel("runningMean", tr("Batch and running mean"),
             tr("An orange dot is the mean of one batch. The blue line is running_mean, which follows the batches with "
                "the weight momentum. In eval the layer uses it in place of the batch's own mean."));
    addPanel("calculation", tr("Where a number comes from"),
             tr("Every formula of the step with its numbers put in. A click on a number goes to where it comes from."));
    auto* all = m_window.findChild<QWidget*>(QStringLiteral("allPanelsButton"));
    stops.push_back({all && all->isVisible() ? all : m_window.statusBar(), tr("There is more"),
                     tr("Data, layer, training, findings and the other plots: “All panels” opens them. Ctrl+K finds "
                        "every command, and the Help menu has this tour.")});
    m_tour = new Tour(m_window, std::move(stops));
    connect(m_tour, &Tour::endedForGood, this, [] { QSettings().setValue(tourKey(), true); });
}

}  // namespace bnstudio
