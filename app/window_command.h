// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>

namespace bnstudio {

/// `bnstudio [FILE…] [options]`, everything that is no sub-command: the window. Returns the exit status.
int windowCommand(std::span<const std::string> arguments);

}  // namespace bnstudio
