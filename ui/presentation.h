// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/actions.h"

#include <QObject>
#include <QPointer>
#include <QTimer>

class QMainWindow;

namespace bnstudio {

class BlankScreen;
class Docks;
class Session;
class TransportBar;

/// The window as a projector needs it: a few panels in large text, a slim transport, and keys of a clicker that go from
/// one named step to the next. Leaving puts everything back as it was.
class Presentation : public QObject {
    Q_OBJECT
public:
    /// Text is at least this high: the smallest that the last row of a room reads at 1280 × 720.
    static constexpr int leastTextPixels = 24;

    Presentation(QMainWindow& window, Session& session, Docks& docks, TransportBar& transport, const Actions& actions);
    ~Presentation() override;
    bool isActive() const { return m_isActive; }
    void toggle();
    void enter();
    void leave();
    /// To the next or the previous stop; at the last one it stays.
    void go(bool forward);
    void blank();
    /// The panels that it shows.
    QStringList panels() const;
    /// How long the mouse rests before the cursor goes.
    QTimer& idleTimer() { return m_idle; }
    bool eventFilter(QObject* watched, QEvent* event) override;

signals:
    void entered();

private:
    void arrange();
    void enableActions();
    void refreshCaption();
    void showCursor();
    void hideCursor();

    QMainWindow& m_window;
    Session& m_session;
    Docks& m_docks;
    TransportBar& m_transport;
    const Actions& m_actions;
    QTimer m_idle;
    bool m_isActive = false, m_cursorIsHidden = false;
    QPointer<BlankScreen> m_blank;
    QPointer<QWidget> m_focusBefore;
    QByteArray m_layout;  ///< before
    QSize m_size;
    Qt::WindowStates m_states;
    bool m_hadMenu = true, m_hadStatus = true;
};

}  // namespace bnstudio
