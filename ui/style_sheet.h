// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/palette.h"

#include <QString>

namespace bnstudio {

/// The style sheet of the application. @p scale: size of the text against the usual one; boxes and handles grow with it.
QString styleSheet(const Palette& palette, double scale);

}  // namespace bnstudio
