// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>

class QMainWindow;
class QWidget;

namespace bnstudio {

/// The bars and panels of a window in the order in which F6 goes round them: bars from above, then panels column by
/// column, those behind tabs after the one in front. Closed panels are left out.
QList<QWidget*> panelRound(const QMainWindow& window);

/// Opens a panel where it is closed, brings it to the front, and gives the keys to the control that had them last, or to
/// its first one; a panel without controls gets them itself.
void enterPanel(QWidget& panel);

/// Enters the panel after (or before) the one that has the keys.
void enterNextPanel(const QMainWindow& window, bool forward);

}  // namespace bnstudio
