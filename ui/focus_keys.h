// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

namespace bnstudio {

/// Gives keys that are also window shortcuts back to the focused control that needs them: arrows, Home and End move
/// within tables, lists and sliders, Space presses buttons. And keeps the wheel for scrolling: it never turns a combo box,
/// slider or spin box that it only passes on the way through a panel. Install on the application.
class FocusKeys : public QObject {
public:
    using QObject::QObject;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    bool filterKey(QObject* watched, QEvent* event);
    bool filterWheel(QObject* watched, QEvent* event);
};

}  // namespace bnstudio
