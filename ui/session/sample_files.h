// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

namespace bnstudio {

/// The data sets that come with the program, absolute paths; found relative to the executable, installed
/// (../share/bnstudio/samples) or in the build tree of a checkout. Empty when they are not there.
QStringList sampleFiles();

}  // namespace bnstudio
