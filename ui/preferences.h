// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/format.h"
#include "ui/theme.h"

#include <QStringList>

#include <optional>

namespace bnstudio {

/// Whether things may glide and blink.
enum class Motion { System, Usual, Reduced };

/// How the user wants the program to look. One value of this struct is in force; QSettings keeps it between sessions.
struct Preferences {
    static constexpr int mostPanels = 3;

    Theme::Mode theme = Theme::Mode::System;
    std::optional<Theme::Mode> themeOfRun;  ///< asked for on the command line: in force in its place, never saved
    int textPercent = 100;
    NumberFormat numbers;
    Motion motion = Motion::System;
    QStringList presentationPanels;  ///< names of docks, at most mostPanels; empty: the program's choice
    bool operator==(const Preferences&) const = default;

    Theme::Mode shownTheme() const { return themeOfRun.value_or(theme); }
    /// The user's choice, which ends that of the command line.
    void chooseTheme(Theme::Mode mode) {
        theme = mode;
        themeOfRun.reset();
    }
};

/// What is in force.
const Preferences& preferences();
/// Puts @p wanted into force, in the windows that are open too. Values out of range take the nearest.
void setPreferences(Preferences wanted);
/// From QSettings; what is missing or makes no sense there has its default.
Preferences savedPreferences();
/// Into QSettings, without what holds for this run only.
void savePreferences(const Preferences& wanted);
/// Changes the preferences in force and saves them, for commands that change one thing.
template <class Change>
void changePreferences(const Change& change) {
    Preferences next = preferences();
    change(next);
    setPreferences(next);
    savePreferences(preferences());
}

/// Things jump instead of gliding: the user wants it, or else the desktop.
bool motionIsReduced();

}  // namespace bnstudio
