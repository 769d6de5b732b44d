// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/command_list.h"

#include <QDialog>
#include <QPointer>

class QLabel;
class QLineEdit;
class QListView;

namespace bnstudio {

class CommandListModel;

/// A field to type a few letters of what one wants into, and the commands that fit, best first. Enter runs the chosen
/// one, Esc closes; the focus goes back to where it was. The field keeps the focus while the arrow keys walk the list.
class CommandPalette : public QDialog {
    Q_OBJECT
public:
    /// What a query spells out with a value; see typedCommands().
    using Typed = std::function<std::vector<Command>(const QString& query)>;

    CommandPalette(std::vector<Command> commands, Typed typed, QWidget& window);
    /// Texts of the rows, from above.
    QStringList rows() const;

    /// Ids of the commands used last, the last one first; kept in the settings.
    static QStringList recentlyUsed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void done(int result) override;

private:
    void build();
    void find(const QString& query);
    void choose();
    void move(int rows);
    void setRow(int row);

    Typed m_typed;
    CommandListModel* m_model;
    QLineEdit* m_field;
    QListView* m_list;
    QLabel* m_nothing;
    QPointer<QWidget> m_before;
};

}  // namespace bnstudio
