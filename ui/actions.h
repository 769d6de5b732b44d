// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QKeySequence>
#include <QList>
#include <QString>

#include <functional>
#include <map>

class QMenu;
class QMenuBar;
class QWidget;

namespace bnstudio {

/// What the program can do, by name. The one table of texts and keys (actions.cpp) feeds the menus, the tooltips and
/// the list of all keys.
enum class ActionId {
    NewRecipe,
    OpenFile,
    SaveRecipe,
    SaveRecipeAs,
    SaveState,
    SaveTrace,
    SaveRecorderScript,
    CopyCommandLine,
    Quit,
    Undo,
    Redo,
    CopyTable,
    CopyAsPyTorch,
    PasteValues,
    ResetRunningStats,
    ResetParameters,
    ReestimateStats,
    ToggleMode,
    PlayPause,
    StepForward,
    StepBack,
    TenForward,
    TenBack,
    PhaseForward,
    PhaseBack,
    PlayPhases,
    First,
    Last,
    NextEvent,
    PreviousEvent,
    JumpToStep,
    NameStep,
    NextMark,
    PreviousMark,
    ThemeLight,
    ThemeDark,
    ThemeSystem,
    NextDigits,
    ShowFindings,
    TextLarger,
    TextSmaller,
    TextUsual,
    RestoreLayout,
    AllPanels,
    Present,
    NextStop,
    PreviousStop,
    BlankScreen,
    LeavePresentation,
    FullScreen,
    Preferences,
    ShowTour,
    SavePicture,
    SaveTable,
    FindCommand,
    NextPanel,
    PreviousPanel,
    Keys,
    WhatIsThis,
    WhatsThisMode,
    About,
};

/// A row of the table.
struct ActionSpec {
    ActionId id;
    const char* menu;  ///< untranslated menu title; "" for none
    const char* text;  ///< untranslated
    QList<QKeySequence> keys;
    const char* tip;  ///< one sentence, untranslated
    bool separatorBefore = false;
    const char* whyDisabled = "";  ///< untranslated; what is missing while the action cannot be used
};
const QList<ActionSpec>& actionTable();

/// An action's text without mnemonic and ellipsis.
QString plainText(const QString& actionText);
/// Why a disabled action cannot be used; empty when it can or when nothing is known.
QString whyDisabled(const QAction& action);

/// The table's rows as QActions of one window.
class Actions {
public:
    explicit Actions(QWidget* window);
    QAction* operator[](ActionId id) const { return m_actions.at(id); }
    void connectTo(ActionId id, const std::function<void()>& slot) const;
    /// Adds the rows of @p menu's title in table order.
    void fill(QMenu* menu, const char* title) const;

private:
    std::map<ActionId, QAction*> m_actions;
};

}  // namespace bnstudio
