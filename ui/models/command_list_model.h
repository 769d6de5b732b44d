// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/command_list.h"

#include <QAbstractListModel>

namespace bnstudio {

/// The commands found for a query, best first. Typed ones (see typedCommands) come before all others.
class CommandListModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role { Place = Qt::UserRole, Keys, Hint, Marks };  ///< Hint: the tip, or why it is disabled; Marks: QList<int>

    explicit CommandListModel(std::vector<Command> commands, QStringList recent, QObject* parent = nullptr);
    void find(const QString& query, std::vector<Command> typed);
    /// What a row stands for.
    const Command& command(int row) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

private:
    std::vector<Command> m_all, m_typed;
    QStringList m_recent;
    std::vector<FoundCommand> m_found;
};

/// A row as one spoken sentence: text, menu path, keys, tip.
QString spokenText(const Command& command);

}  // namespace bnstudio
