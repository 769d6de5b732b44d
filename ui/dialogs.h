// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace bnstudio {

class Session;

/// All keys, from the table of actions.
void showKeys(QWidget& window);
void showAbout(QWidget& window);
/// Asks for a file name and saves what @p window shows as a PNG, with the recipe in its metadata.
void saveWindowPicture(QWidget& window, Session& session);

}  // namespace bnstudio
