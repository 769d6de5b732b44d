// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QKeySequence>
#include <QList>
#include <QString>

namespace bnstudio {

/// Where a key works: in the whole window (see actionTable()), or while a control of some kind has the focus.
enum class KeyPlace {
    Window,
    Plot,
    Profile,
    HeatMap,
    Flow,
    Timeline,
    Calculation,
    Findings,
    Table,
    Field,
    Dialog,
    Palette
};

/// A key that controls of one kind take for themselves. Where the window has the same key, theirs is meant.
struct LocalKey {
    KeyPlace place;
    QList<QKeySequence> keys;  ///< alternatives
    const char* text;          ///< untranslated
};
const QList<LocalKey>& localKeys();

/// Every plot has the keys of Plot, whatever its own are.
bool isPlot(KeyPlace place);
/// The keys of a place, with those of Plot where they hold.
QList<QKeySequence> keysOf(KeyPlace place);

/// "Ctrl+←"; arrows as arrows.
QString keyText(const QKeySequence& key);

/// The list of all keys as it is shown.
struct KeyRow {
    QString keys, text;
};
struct KeyGroup {
    QString title, when;
    QList<KeyRow> rows;
};
/// The keys of the window by menu, then those of the places.
QList<KeyGroup> allKeys();

}  // namespace bnstudio
