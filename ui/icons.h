// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QIcon>

namespace bnstudio {

enum class TransportIcon { First, Back, Play, Pause, Forward, Last, Phase };
/// A 16 px transport symbol drawn in one colour; made anew when the theme changes.
QIcon transportIcon(TransportIcon icon, const QColor& color);

}  // namespace bnstudio
