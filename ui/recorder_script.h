// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

class QWidget;

namespace bnstudio {

class Session;

/// bnstudio_recorder.py, which PyTorch users put beside their training script; built into the program.
QByteArray recorderScript();
/// Asks for a file name and writes the script there.
void saveRecorderScript(QWidget& window, Session& session);

}  // namespace bnstudio
