// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace bnstudio {

/// Gives the labels of fields, the buttons and the check boxes of a dialog that have no mnemonic yet a letter of their
/// own, from top to bottom, first letters of words first. Letters chosen while a dialog is made could clash with those of
/// another language or of Qt's own buttons.
void giveMnemonics(QWidget& dialog);

/// Lets every dialog of the program do this when it opens. To be called once there is an application; more calls do
/// nothing.
void installMnemonics();

}  // namespace bnstudio
