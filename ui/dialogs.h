// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace bnstudio {

/// All keys, from the table of actions.
void showKeys(QWidget& window);
void showAbout(QWidget& window);

}  // namespace bnstudio
