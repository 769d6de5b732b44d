// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>

namespace bnstudio {

/// `bnstudio run …` without the program and the word "run". Needs no display: Qt is started, on its offscreen platform,
/// only when a figure is asked for. Returns the exit status.
int runCommand(std::span<const std::string> arguments);

}  // namespace bnstudio
