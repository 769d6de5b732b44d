// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace bnstudio {

class Session;

/// Asks for a file name, computes the run again from its recipe on a thread of its own and writes every step's tensors.
/// A dialog shows the progress and can cancel; a cancelled or failed export leaves no file.
void saveTrace(QWidget& window, Session& session);

}  // namespace bnstudio
