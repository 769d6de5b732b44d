// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/export/picture_file.h"
#include "ui/models/data_table.h"

#include <vector>

class QWidget;

namespace bnstudio {

class Session;
struct Palette;

/// Something in the window that can be taken out of it: as a picture, as a table, or as both.
struct ExportItem {
    QString name;              ///< "running_var of channel 3"
    QWidget* owner = nullptr;  ///< the panel that shows it
    QSize size;                ///< of its picture on the screen, logical pixels; empty: it has none
    bool keepsShape = false;   ///< grows and shrinks only as a whole, text and all
    /// In the colours of the theme, or in others where the item can do that.
    std::function<Drawing(const Palette&)> drawing;
    bool takesColours = false;
    std::function<DataTable()> table;  ///< null: there are no numbers behind it

    bool hasPicture() const { return !size.isEmpty(); }
    /// For a file name: lower case, words joined by '-'.
    QString fileName() const;
};

/// All of the window: itself, the flow and the plots that can be seen, and every table.
std::vector<ExportItem> exportItems(QWidget& window, Session& session);

}  // namespace bnstudio
