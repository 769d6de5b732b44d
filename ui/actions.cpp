// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/actions.h"

#include <QCoreApplication>
#include <QMenu>
#include <QWidget>

namespace bnstudio {

namespace {

QString translated(const char* text) {
    return QCoreApplication::translate("Actions", text);
}

}  // namespace

const QList<ActionSpec>& actionTable() {
    using Key = QKeySequence;
    static const QList<ActionSpec> table{
        {ActionId::NewRecipe,
         "File",
         QT_TRANSLATE_NOOP("Actions", "&New"),
         {Key(Qt::CTRL | Qt::Key_N)},
         QT_TRANSLATE_NOOP("Actions", "Start again with the default recipe.")},
        {ActionId::OpenFile,
         "File",
         QT_TRANSLATE_NOOP("Actions", "&Open data or recipe…"),
         {Key(Qt::CTRL | Qt::Key_O)},
         QT_TRANSLATE_NOOP("Actions", "Open a table, an array file, or a recipe."),
         true},
        {ActionId::SaveRecipe,
         "File",
         QT_TRANSLATE_NOOP("Actions", "&Save recipe"),
         {Key(Qt::CTRL | Qt::Key_S)},
         QT_TRANSLATE_NOOP("Actions",
                           "Save the recipe: data, layer, training and events. It gives the same numbers again."),
         true},
        {ActionId::SaveRecipeAs,
         "File",
         QT_TRANSLATE_NOOP("Actions", "Save recipe &as…"),
         {Key(Qt::CTRL | Qt::SHIFT | Qt::Key_S)},
         QT_TRANSLATE_NOOP("Actions", "Save the recipe under another name.")},
        {ActionId::SaveState,
         "File",
         QT_TRANSLATE_NOOP("Actions", "Save stat&e…"),
         {},
         QT_TRANSLATE_NOOP("Actions", "Write the state dict of the layer at the displayed step, for PyTorch.")},
        {ActionId::SaveTrace,
         "File",
         QT_TRANSLATE_NOOP("Actions", "Save the run as a &trace…"),
         {},
         QT_TRANSLATE_NOOP("Actions", "Write the tensors of every step into an .npz file.")},
        {ActionId::SaveRecorderScript,
         "File",
         QT_TRANSLATE_NOOP("Actions", "Save the &recorder for PyTorch…"),
         {},
         QT_TRANSLATE_NOOP("Actions",
                           "Write the Python module that records a layer of your own training, to open it here.")},
        {ActionId::SaveWindowPicture,
         "File",
         QT_TRANSLATE_NOOP("Actions", "Save a &picture of the window…"),
         {},
         QT_TRANSLATE_NOOP("Actions", "Save what the window shows as a PNG file.")},
        {ActionId::CopyCommandLine,
         "File",
         QT_TRANSLATE_NOOP("Actions", "&Copy as command line"),
         {Key(Qt::CTRL | Qt::SHIFT | Qt::Key_C)},
         QT_TRANSLATE_NOOP("Actions",
                           "Copy a command that shows this very view or computes this run without a window.")},
        {ActionId::Quit,
         "File",
         QT_TRANSLATE_NOOP("Actions", "&Quit"),
         {Key(Qt::CTRL | Qt::Key_Q)},
         QT_TRANSLATE_NOOP("Actions", "Close the window."),
         true},
        {ActionId::Undo,
         "Edit",
         QT_TRANSLATE_NOOP("Actions", "&Undo"),
         {Key(Qt::CTRL | Qt::Key_Z)},
         QT_TRANSLATE_NOOP("Actions", "Take back the last edit of the recipe.")},
        {ActionId::Redo,
         "Edit",
         QT_TRANSLATE_NOOP("Actions", "&Redo"),
         {Key(Qt::CTRL | Qt::SHIFT | Qt::Key_Z)},
         QT_TRANSLATE_NOOP("Actions", "Make the edit again that was taken back.")},
        {ActionId::CopyTable,
         "Edit",
         QT_TRANSLATE_NOOP("Actions", "&Copy the channel table"),
         {},
         QT_TRANSLATE_NOOP("Actions", "Copy all channels with full precision, for a spreadsheet."),
         true},
        {ActionId::CopyAsPyTorch,
         "Edit",
         QT_TRANSLATE_NOOP("Actions", "Copy this step as &PyTorch"),
         {},
         QT_TRANSLATE_NOOP("Actions",
                           "Copy a Python program that repeats the displayed step and compares its numbers.")},
        {ActionId::PasteValues,
         "Data",
         QT_TRANSLATE_NOOP("Actions", "&Paste or type values…"),
         {Key(Qt::CTRL | Qt::SHIFT | Qt::Key_V)},
         QT_TRANSLATE_NOOP("Actions", "Use a table, a nested list or the text of a tensor as the data.")},
        {ActionId::ResetRunningStats,
         "Layer",
         QT_TRANSLATE_NOOP("Actions", "Reset &running statistics here"),
         {},
         QT_TRANSLATE_NOOP("Actions",
                           "reset_running_stats() before the displayed step: mean 0, variance 1, counter 0.")},
        {ActionId::ResetParameters,
         "Layer",
         QT_TRANSLATE_NOOP("Actions", "Reset &parameters here"),
         {},
         QT_TRANSLATE_NOOP("Actions",
                           "reset_parameters() before the displayed step: statistics as new, γ = 1, β = 0.")},
        {ActionId::ReestimateStats,
         "Layer",
         QT_TRANSLATE_NOOP("Actions", "Re-&estimate statistics…"),
         {},
         QT_TRANSLATE_NOOP("Actions",
                           "Running statistics anew, from one pass over the batches in which each weighs the same.")},
        {ActionId::ToggleMode,
         "Layer",
         QT_TRANSLATE_NOOP("Actions", "&Train or eval from this step on"),
         {Key(Qt::Key_T)},
         QT_TRANSLATE_NOOP(
             "Actions",
             "Switch between batch statistics (train) and running statistics (eval) at the displayed step.")},
        {ActionId::PlayPause,
         "Run",
         QT_TRANSLATE_NOOP("Actions", "&Play or pause"),
         {Key(Qt::Key_Space)},
         QT_TRANSLATE_NOOP("Actions", "Step on at the chosen speed.")},
        {ActionId::StepForward,
         "Run",
         QT_TRANSLATE_NOOP("Actions", "Step &forward"),
         {Key(Qt::Key_Right)},
         QT_TRANSLATE_NOOP("Actions", "Show the next step; at the end compute a new one.")},
        {ActionId::StepBack,
         "Run",
         QT_TRANSLATE_NOOP("Actions", "Step &back"),
         {Key(Qt::Key_Left)},
         QT_TRANSLATE_NOOP("Actions", "Show the step before, with exactly its numbers.")},
        {ActionId::TenForward,
         "Run",
         QT_TRANSLATE_NOOP("Actions", "Ten steps forward"),
         {Key(Qt::SHIFT | Qt::Key_Right)},
         QT_TRANSLATE_NOOP("Actions", "Go ten steps on.")},
        {ActionId::TenBack,
         "Run",
         QT_TRANSLATE_NOOP("Actions", "Ten steps back"),
         {Key(Qt::SHIFT | Qt::Key_Left)},
         QT_TRANSLATE_NOOP("Actions", "Go ten steps back.")},
        {ActionId::PhaseForward,
         "Run",
         QT_TRANSLATE_NOOP("Actions", "Phase forward"),
         {Key(Qt::Key_Period)},
         QT_TRANSLATE_NOOP("Actions", "Show the next part of the step; behind the last one the next step begins.")},
        {ActionId::PhaseBack,
         "Run",
         QT_TRANSLATE_NOOP("Actions", "Phase back"),
         {Key(Qt::Key_Comma)},
         QT_TRANSLATE_NOOP("Actions", "Show the part before; before the first one comes the end of the step before.")},
        {ActionId::PlayPhases,
         "Run",
         QT_TRANSLATE_NOOP("Actions", "Play p&hase by phase"),
         {Key(Qt::SHIFT | Qt::Key_Space)},
         QT_TRANSLATE_NOOP("Actions",
                           "While playing, stop at the end of every phase: mean, variance, normalise and so on.")},
        {ActionId::First,
         "Run",
         QT_TRANSLATE_NOOP("Actions", "To the &start"),
         {Key(Qt::Key_Home)},
         QT_TRANSLATE_NOOP("Actions", "Show the state before step 0.")},
        {ActionId::Last,
         "Run",
         QT_TRANSLATE_NOOP("Actions", "To the &last step"),
         {Key(Qt::Key_End)},
         QT_TRANSLATE_NOOP("Actions", "Show the furthest computed step.")},
        {ActionId::PreviousEvent,
         "Run",
         QT_TRANSLATE_NOOP("Actions", "Previous event"),
         {Key(Qt::CTRL | Qt::Key_Left)},
         QT_TRANSLATE_NOOP("Actions", "Go to the step of the event before this one."),
         true},
        {ActionId::NextEvent,
         "Run",
         QT_TRANSLATE_NOOP("Actions", "Next event"),
         {Key(Qt::CTRL | Qt::Key_Right)},
         QT_TRANSLATE_NOOP("Actions", "Go to the step of the next event.")},
        {ActionId::JumpToStep,
         "Run",
         QT_TRANSLATE_NOOP("Actions", "&Jump to a step…"),
         {Key(Qt::CTRL | Qt::Key_J)},
         QT_TRANSLATE_NOOP("Actions", "Type the number of a step.")},
        {ActionId::ThemeLight,
         "View",
         QT_TRANSLATE_NOOP("Actions", "&Light"),
         {},
         QT_TRANSLATE_NOOP("Actions", "Dark text on a light ground.")},
        {ActionId::ThemeDark,
         "View",
         QT_TRANSLATE_NOOP("Actions", "&Dark"),
         {},
         QT_TRANSLATE_NOOP("Actions", "Light text on a dark ground.")},
        {ActionId::ThemeSystem,
         "View",
         QT_TRANSLATE_NOOP("Actions", "As the &system"),
         {},
         QT_TRANSLATE_NOOP("Actions", "Light or dark as the desktop is.")},
        {ActionId::NextDigits,
         "View",
         QT_TRANSLATE_NOOP("Actions", "&Digits of the calculation"),
         {Key(Qt::Key_D)},
         QT_TRANSLATE_NOOP("Actions", "Five digits, all digits, or bits, in turns."),
         true},
        {ActionId::ShowFindings,
         "View",
         QT_TRANSLATE_NOOP("Actions", "Show the &findings"),
         {Key(Qt::Key_F)},
         QT_TRANSLATE_NOOP("Actions", "Bring up the panel of what the program points out about this run.")},
        {ActionId::RestoreLayout,
         "View",
         QT_TRANSLATE_NOOP("Actions", "&All panels, first layout"),
         {},
         QT_TRANSLATE_NOOP("Actions", "Show every panel at its first place."),
         true},
        {ActionId::Keys,
         "Help",
         QT_TRANSLATE_NOOP("Actions", "&Keys"),
         {Key(Qt::Key_Question)},
         QT_TRANSLATE_NOOP("Actions", "A list of all keys.")},
        {ActionId::About,
         "Help",
         QT_TRANSLATE_NOOP("Actions", "&About BatchNorm1d Studio"),
         {},
         QT_TRANSLATE_NOOP("Actions", "Version and licence.")},
    };
    return table;
}

Actions::Actions(QWidget* window) {
    for (const ActionSpec& spec : actionTable()) {
        auto* action = new QAction(translated(spec.text), window);
        action->setShortcuts(spec.keys);
        const QString tip = translated(spec.tip);
        action->setToolTip(
            spec.keys.isEmpty()
                ? tip
                : tip + QStringLiteral("  (%1)").arg(spec.keys.front().toString(QKeySequence::NativeText)));
        action->setWhatsThis(tip);
        window->addAction(action);
        m_actions[spec.id] = action;
    }
}

void Actions::connectTo(ActionId id, const std::function<void()>& slot) const {
    QObject::connect(m_actions.at(id), &QAction::triggered, m_actions.at(id), [slot] { slot(); });
}

void Actions::fill(QMenu* menu, const char* title) const {
    for (const ActionSpec& spec : actionTable()) {
        if (qstrcmp(spec.menu, title) != 0)
            continue;
        if (spec.separatorBefore && !menu->isEmpty())
            menu->addSeparator();
        menu->addAction(m_actions.at(spec.id));
    }
}

}  // namespace bnstudio
