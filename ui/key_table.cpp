// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/key_table.h"

#include "ui/actions.h"

#include <QCoreApplication>

namespace bnstudio {

namespace {

QString translated(const char* text) {
    return QCoreApplication::translate("Keys", text);
}

struct PlaceName {
    KeyPlace place;
    const char* title;
    const char* when;
};

const QList<PlaceName>& placeNames() {
    using enum KeyPlace;
    static const QList<PlaceName> names{
        {Plot, QT_TRANSLATE_NOOP("Keys", "Every plot"),
         QT_TRANSLATE_NOOP("Keys", "while a plot has the focus, as after a click or F6")},
        {Profile, QT_TRANSLATE_NOOP("Keys", "Profile"), QT_TRANSLATE_NOOP("Keys", "besides those of every plot")},
        {HeatMap, QT_TRANSLATE_NOOP("Keys", "Heat map"), QT_TRANSLATE_NOOP("Keys", "besides those of every plot")},
        {Flow, QT_TRANSLATE_NOOP("Keys", "Flow"), ""},
        {Timeline, QT_TRANSLATE_NOOP("Keys", "Timeline"), ""},
        {Calculation, QT_TRANSLATE_NOOP("Keys", "Calculation"), ""},
        {Findings, QT_TRANSLATE_NOOP("Keys", "Findings"), ""},
        {Table, QT_TRANSLATE_NOOP("Keys", "Tables"), ""},
        {Field, QT_TRANSLATE_NOOP("Keys", "Fields"),
         QT_TRANSLATE_NOOP("Keys", "letters, digits and arrow keys edit the text")},
        {Palette, QT_TRANSLATE_NOOP("Keys", "Find a command"), ""},
        {Dialog, QT_TRANSLATE_NOOP("Keys", "Dialogs"), ""},
    };
    return names;
}

/// "Save state": without mnemonic and ellipsis.
QString actionText(const ActionSpec& spec) {
    return plainText(QCoreApplication::translate("Actions", spec.text));
}

QString keysText(const QList<QKeySequence>& keys) {
    QStringList texts;
    for (const QKeySequence& key : keys)
        texts << keyText(key);
    return texts.join(QStringLiteral(" / "));
}

QList<KeyGroup> windowKeys() {
    QList<KeyGroup> groups;
    for (const ActionSpec& spec : actionTable()) {
        if (spec.keys.isEmpty())
            continue;
        const QString menu = QCoreApplication::translate("MenuTitles", *spec.menu ? spec.menu : "Window");
        auto group = std::find_if(groups.begin(), groups.end(), [&](const KeyGroup& one) { return one.title == menu; });
        if (group == groups.end())
            group = groups.insert(groups.end(), KeyGroup{menu, {}, {}});
        group->rows << KeyRow{keysText(spec.keys), actionText(spec)};
    }
    return groups;
}

}  // namespace

const QList<LocalKey>& localKeys() {
    using Key = QKeySequence;
    using enum KeyPlace;
    static const QList<LocalKey> table{
        {Plot, {Key(Qt::Key_Plus), Key(Qt::Key_Equal)}, QT_TRANSLATE_NOOP("Keys", "Zoom in along x")},
        {Plot, {Key(Qt::Key_Minus)}, QT_TRANSLATE_NOOP("Keys", "Zoom out along x")},
        {Plot, {Key(Qt::Key_0)}, QT_TRANSLATE_NOOP("Keys", "Show everything again")},
        {Plot, {Key(Qt::CTRL | Qt::Key_T)}, QT_TRANSLATE_NOOP("Keys", "Show as a table")},
        {Plot, {Key(Qt::Key_Menu), Key(Qt::SHIFT | Qt::Key_F10)}, QT_TRANSLATE_NOOP("Keys", "Menu of the plot")},
        {Plot, {Key(Qt::Key_Escape)}, QT_TRANSLATE_NOOP("Keys", "Give the keys back to the window")},
        {Profile,
         {Key(Qt::Key_Left), Key(Qt::Key_Right)},
         QT_TRANSLATE_NOOP("Keys", "Select the channel before or after")},
        {HeatMap, {Key(Qt::Key_Left), Key(Qt::Key_Right)}, QT_TRANSLATE_NOOP("Keys", "Go to the step before or after")},
        {HeatMap, {Key(Qt::Key_Up), Key(Qt::Key_Down)}, QT_TRANSLATE_NOOP("Keys", "Select the channel above or below")},
        {Flow,
         {Key(Qt::Key_Up), Key(Qt::Key_Down), Key(Qt::Key_Left), Key(Qt::Key_Right)},
         QT_TRANSLATE_NOOP("Keys", "Move the selected cell")},
        {Flow, {Key(Qt::Key_Home), Key(Qt::Key_End)}, QT_TRANSLATE_NOOP("Keys", "First or last row")},
        {Flow, {Key(Qt::Key_L)}, QT_TRANSLATE_NOOP("Keys", "Fold the sample out along L, or back")},
        {Flow,
         {Key(Qt::Key_Plus), Key(Qt::Key_Equal), Key(Qt::Key_Minus)},
         QT_TRANSLATE_NOOP("Keys", "Closer or farther")},
        {Flow, {Key(Qt::Key_0)}, QT_TRANSLATE_NOOP("Keys", "The whole batch")},
        {Flow, {Key(Qt::Key_Return), Key(Qt::Key_Enter)}, QT_TRANSLATE_NOOP("Keys", "Edit the cell of x")},
        {Flow, {Key(Qt::CTRL | Qt::Key_T)}, QT_TRANSLATE_NOOP("Keys", "Show as a table")},
        {Flow, {Key(Qt::Key_Escape)}, QT_TRANSLATE_NOOP("Keys", "Give the keys back to the window")},
        {Timeline, {Key(Qt::Key_Up), Key(Qt::Key_Down)}, QT_TRANSLATE_NOOP("Keys", "Choose the mark before or after")},
        {Timeline,
         {Key(Qt::ALT | Qt::Key_Left), Key(Qt::ALT | Qt::Key_Right)},
         QT_TRANSLATE_NOOP("Keys", "Move the chosen mark by a step")},
        {Timeline, {Key(Qt::Key_Return), Key(Qt::Key_Enter)}, QT_TRANSLATE_NOOP("Keys", "Edit the chosen mark")},
        {Timeline, {Key(Qt::Key_Delete)}, QT_TRANSLATE_NOOP("Keys", "Delete the chosen mark")},
        {Timeline,
         {Key(Qt::Key_Plus), Key(Qt::Key_Equal), Key(Qt::Key_Minus)},
         QT_TRANSLATE_NOOP("Keys", "Fewer or more steps")},
        {Timeline, {Key(Qt::CTRL | Qt::Key_T)}, QT_TRANSLATE_NOOP("Keys", "Show as a table")},
        {Timeline, {Key(Qt::Key_0)}, QT_TRANSLATE_NOOP("Keys", "The whole run")},
        {Timeline,
         {Key(Qt::Key_Escape)},
         QT_TRANSLATE_NOOP("Keys", "Let go of the mark; a second time: the keys back to the window")},
        {Calculation, {Key(Qt::Key_Up), Key(Qt::Key_Down)}, QT_TRANSLATE_NOOP("Keys", "Formula above or below")},
        {Calculation,
         {Key(Qt::Key_Left), Key(Qt::Key_Right)},
         QT_TRANSLATE_NOOP("Keys", "Number before or after in the formula")},
        {Calculation, {Key(Qt::Key_Home), Key(Qt::Key_End)}, QT_TRANSLATE_NOOP("Keys", "First or last formula")},
        {Calculation,
         {Key(Qt::Key_Return), Key(Qt::Key_Enter)},
         QT_TRANSLATE_NOOP("Keys", "Go to where the number comes from")},
        {Calculation, {Key(Qt::CTRL | Qt::Key_C)}, QT_TRANSLATE_NOOP("Keys", "Copy the calculation as text")},
        {Calculation, {Key(Qt::Key_Escape)}, QT_TRANSLATE_NOOP("Keys", "Give the keys back to the window")},
        {Findings, {Key(Qt::Key_Tab)}, QT_TRANSLATE_NOOP("Keys", "Next link of a finding: its step, or why")},
        {Findings, {Key(Qt::Key_Return)}, QT_TRANSLATE_NOOP("Keys", "Follow the link")},
        {Table,
         {Key(Qt::Key_Up), Key(Qt::Key_Down), Key(Qt::Key_Left), Key(Qt::Key_Right)},
         QT_TRANSLATE_NOOP("Keys", "Move the cell; with Shift select on the way")},
        {Table, {Key(Qt::Key_Home), Key(Qt::Key_End)}, QT_TRANSLATE_NOOP("Keys", "First or last cell of the row")},
        {Table, {Key(Qt::Key_Space)}, QT_TRANSLATE_NOOP("Keys", "Select the row, or press the check box")},
        {Table, {Key(Qt::CTRL | Qt::Key_C)}, QT_TRANSLATE_NOOP("Keys", "Copy the selected rows for a spreadsheet")},
        {Table, {Key(Qt::Key_S)}, QT_TRANSLATE_NOOP("Keys", "Sort the channels by the next column")},
        {Table, {Key(Qt::SHIFT | Qt::Key_S)}, QT_TRANSLATE_NOOP("Keys", "Turn their order around")},
        {Table, {Key(Qt::Key_Delete)}, QT_TRANSLATE_NOOP("Keys", "Take the selected events out")},
        {Table, {Key(Qt::Key_Menu), Key(Qt::SHIFT | Qt::Key_F10)}, QT_TRANSLATE_NOOP("Keys", "Menu of the table")},
        {Table, {Key(Qt::Key_Escape)}, QT_TRANSLATE_NOOP("Keys", "Give the keys back to the window")},
        {Field, {Key(Qt::Key_Return), Key(Qt::Key_Enter)}, QT_TRANSLATE_NOOP("Keys", "Take what was typed")},
        {Field,
         {Key(Qt::Key_Escape)},
         QT_TRANSLATE_NOOP("Keys", "The old value again; a second time: the keys back to the window")},
        {Field, {Key(Qt::Key_Tab)}, QT_TRANSLATE_NOOP("Keys", "Take what was typed and go on to the next control")},
        {Palette, {Key(Qt::Key_Up), Key(Qt::Key_Down)}, QT_TRANSLATE_NOOP("Keys", "Command above or below")},
        {Palette, {Key(Qt::Key_PageUp), Key(Qt::Key_PageDown)}, QT_TRANSLATE_NOOP("Keys", "A page of commands")},
        {Palette, {Key(Qt::Key_Return), Key(Qt::Key_Enter)}, QT_TRANSLATE_NOOP("Keys", "Run the chosen command")},
        {Palette, {Key(Qt::Key_Escape)}, QT_TRANSLATE_NOOP("Keys", "Close")},
        {Dialog, {Key(Qt::Key_Tab)}, QT_TRANSLATE_NOOP("Keys", "Next control; with Shift the one before")},
        {Dialog, {Key(Qt::Key_Return)}, QT_TRANSLATE_NOOP("Keys", "The button that is ready")},
        {Dialog, {Key(Qt::Key_Escape)}, QT_TRANSLATE_NOOP("Keys", "Close without changing anything")},
    };
    return table;
}

bool isPlot(KeyPlace place) {
    return place == KeyPlace::Plot || place == KeyPlace::Profile || place == KeyPlace::HeatMap;
}

QList<QKeySequence> keysOf(KeyPlace place) {
    QList<QKeySequence> keys;
    if (place == KeyPlace::Window)
        for (const ActionSpec& spec : actionTable())
            keys << spec.keys;
    for (const LocalKey& row : localKeys())
        if (row.place == place || (row.place == KeyPlace::Plot && isPlot(place)))
            keys << row.keys;
    return keys;
}

QString keyText(const QKeySequence& key) {
    QString text = key.toString(QKeySequence::NativeText);
    const std::pair<const char*, const char*> arrows[] = {{"Left", "←"}, {"Right", "→"}, {"Up", "↑"}, {"Down", "↓"}};
    for (const auto& [word, arrow] : arrows) {
        if (text == QLatin1String(word))
            text = QString::fromUtf8(arrow);
        else if (text.endsWith(u'+' + QLatin1String(word)))
            text.replace(text.size() - qstrlen(word), qstrlen(word), QString::fromUtf8(arrow));
    }
    return text == QLatin1String("-") ? QStringLiteral("−") : text;
}

QList<KeyGroup> allKeys() {
    QList<KeyGroup> groups = windowKeys();
    for (const PlaceName& name : placeNames()) {
        KeyGroup group{translated(name.title), *name.when ? translated(name.when) : QString(), {}};
        for (const LocalKey& row : localKeys())
            if (row.place == name.place)
                group.rows << KeyRow{keysText(row.keys), translated(row.text)};
        if (!group.rows.isEmpty())
            groups << group;
    }
    return groups;
}

}  // namespace bnstudio
