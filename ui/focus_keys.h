// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

namespace bnstudio {

/// Gives keys that are also window shortcuts back to the focused control that needs them: arrows, Home and End move
/// within tables, lists and sliders, Space presses buttons. Install on the application.
class FocusKeys : public QObject {
public:
    using QObject::QObject;
    bool eventFilter(QObject* watched, QEvent* event) override;
};

}  // namespace bnstudio
