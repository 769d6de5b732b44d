// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace bnstudio {

/// Lets the standard buttons of all dialogs (OK, Cancel, Close …) say what they do, unless they have words of their own.
/// To be called once there is an application; more calls do nothing.
void explainStandardButtons();

}  // namespace bnstudio
