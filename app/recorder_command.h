// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>

namespace bnstudio {

/// `bnstudio recorder`; returns the exit status.
int recorderCommand(std::span<const std::string> arguments);

}  // namespace bnstudio
