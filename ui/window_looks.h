// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>

class QMainWindow;

namespace bnstudio {

class Actions;
class Docks;
class Presentation;
class Session;
class Tour;
class TransportBar;

/// What the window does about how it looks: themes and sizes of text, preferences, presentation, all panels or the first
/// few, and the tour.
class WindowLooks : public QObject {
    Q_OBJECT
public:
    WindowLooks(QMainWindow& window, Session& session, Docks& docks, TransportBar& transport, const Actions& actions);
    Presentation& presentation() { return *m_presentation; }
    /// The few panels that one meets at the very first start.
    void showFirstPanels();
    void showTour();
    /// The tour, unless the user has seen it.
    void offerTour();

private:
    void connectThemes();
    void connectSizes();
    void connectPanels();
    void connectPresentation();
    void openPreferences();
    void addPanelsButton();

    QMainWindow& m_window;
    Docks& m_docks;
    TransportBar& m_transport;
    const Actions& m_actions;
    Presentation* m_presentation;
    QPointer<Tour> m_tour;
};

}  // namespace bnstudio
