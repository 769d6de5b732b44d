// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>

namespace bnstudio {

/// `bnstudio compare A [B]`; returns the exit status.
int compareCommand(std::span<const std::string> arguments);

}  // namespace bnstudio
