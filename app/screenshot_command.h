// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>

namespace bnstudio {

/// `bnstudio screenshot OUT.png …`: the main window as a picture, drawn on Qt's offscreen platform. Returns the exit
/// status.
int screenshotCommand(std::span<const std::string> arguments);

}  // namespace bnstudio
