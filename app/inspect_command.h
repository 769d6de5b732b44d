// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>

namespace bnstudio {

/// `bnstudio inspect FILE [--json]`. Returns the exit status.
int inspectCommand(std::span<const std::string> arguments);

}  // namespace bnstudio
