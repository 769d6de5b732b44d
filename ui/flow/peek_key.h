// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

class QKeyEvent;
class QWidget;

namespace bnstudio {

class Session;

/// Peeks while E is held, wherever in the window the focus is, except in a field that takes text. Losing the window ends
/// the peek, since the release of the key goes elsewhere then.
class PeekKey : public QObject {
public:
    /// Watches the keys of the window that @p inside is in, and lives as long as it.
    PeekKey(Session& session, QWidget& inside);
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    bool isMeant(const QKeyEvent& event) const;

    Session& m_session;
    QWidget& m_inside;
};

}  // namespace bnstudio
