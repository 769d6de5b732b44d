// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/command_list.h"

namespace bnstudio {

class Session;

/// Commands that a query spells out with a value: "120" and "step 120" go to a step, "channel 3" and "alcohol" select a
/// channel, "momentum 0.3" and "eps 1e-3" set the layer's. They belong before all others.
std::vector<Command> typedCommands(const QString& query, Session& session);

/// For finding out that such queries exist: choosing one goes on typing with its word.
std::vector<Command> typedCommandHints(const Session& session);

}  // namespace bnstudio
