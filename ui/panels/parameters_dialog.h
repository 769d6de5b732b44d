// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

class QWidget;

namespace bnstudio {

/// Whether there is a γ or a β to edit under the present edit scope.
bool hasParameters(const Session& session);
/// Opens a table of γ and β: under "from start" the values the run begins with, under "from here" those before the
/// displayed step, whose changed channels become events.
void openParametersEditor(Session& session, QWidget* parent);

}  // namespace bnstudio
