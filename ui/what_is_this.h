// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

class QWidget;

namespace bnstudio {

/// What there is to say about a widget: its own What's This, or that of the nearest one around it. Empty: nothing.
QString explanationOf(const QWidget* widget);

/// Explains the control that has the keys, in a bubble beside it; where nothing has them the mouse is asked to point.
void explainFocus();

}  // namespace bnstudio
