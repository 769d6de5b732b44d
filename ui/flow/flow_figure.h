// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/figure.h"

namespace bnstudio {

/// saveFigure() for FigureKind::Flow: the last phase of request.frame's step, with the first of request.channels marked.
/// Text and lines stay that in SVG and PDF; heat maps are pictures with more pixels than a printer shows. Throws as
/// saveFigure() does.
bool saveFlowFigure(const FigureRequest& request, const QString& path);

}  // namespace bnstudio
