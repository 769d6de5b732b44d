// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/command_list.h"

class QMainWindow;

namespace bnstudio {

class Session;

/// Everything the window can do: what its menus hold at this moment, its panels, and what typedCommandHints() offers.
std::vector<Command> windowCommands(QMainWindow& window, Session& session);

}  // namespace bnstudio
