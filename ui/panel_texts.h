// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QMainWindow;

namespace bnstudio {

/// Gives every panel of the window a sentence on what it shows, for What's This and for screen readers; controls without
/// words of their own answer with it.
void explainPanels(QMainWindow& window);

}  // namespace bnstudio
