// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QGridLayout;
class QLabel;

namespace bnstudio {

/// Rows of a label and a field in two columns, dense enough for a narrow side panel.
class FormRows : public QWidget {
    Q_OBJECT
public:
    /// Fields start @p labelCharacters average characters from the left, so that stacked forms line up.
    explicit FormRows(int labelCharacters = 0, QWidget* parent = nullptr);
    QLabel* addRow(const QString& label, QWidget* field);
    /// Two fields share the field column.
    QLabel* addPair(const QString& label, QWidget* first, QWidget* second);
    /// Over both columns.
    void addWide(QWidget* widget);
    void setRowVisible(QWidget* field, bool visible);

private:
    QGridLayout* m_grid;
};

/// A label in the quiet colour of captions.
QLabel* makeNote(const QString& text = {});
/// Gives a label the muted text colour, also after a change of theme.
void muteLabel(QLabel* label);

}  // namespace bnstudio
