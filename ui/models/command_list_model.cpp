// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/command_list_model.h"

#include <QCoreApplication>

namespace bnstudio {

namespace {

QString hintOf(const Command& command) {
    return command.enabled || command.whyDisabled.isEmpty() ? command.tip : command.whyDisabled;
}

}  // namespace

CommandListModel::CommandListModel(std::vector<Command> commands, QStringList recent, QObject* parent)
    : QAbstractListModel(parent), m_all(std::move(commands)), m_recent(std::move(recent)) {
    find({}, {});
}

void CommandListModel::find(const QString& query, std::vector<Command> typed) {
    beginResetModel();
    m_typed = std::move(typed);
    m_found = findCommands(query, m_all, m_recent);
    endResetModel();
}

const Command& CommandListModel::command(int row) const {
    const auto place = static_cast<std::size_t>(row);
    return place < m_typed.size() ? m_typed[place] : m_all[m_found[place - m_typed.size()].index];
}

int CommandListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_typed.size() + m_found.size());
}

QVariant CommandListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Command& shown = command(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return shown.text;
    case Qt::AccessibleTextRole:
        return spokenText(shown);
    case Place:
        return shown.place;
    case Keys:
        return shown.keys;
    case Hint:
        return hintOf(shown);
    case Marks: {
        const auto place = static_cast<std::size_t>(index.row());
        const std::vector<int> none;
        const std::vector<int>& marks = place < m_typed.size() ? none : m_found[place - m_typed.size()].marks;
        return QVariant::fromValue(QList<int>(marks.begin(), marks.end()));
    }
    default:
        return {};
    }
}

Qt::ItemFlags CommandListModel::flags(const QModelIndex& index) const {
    // A disabled command can be walked to and read: its reason is worth knowing.
    return index.isValid() ? Qt::ItemIsSelectable | Qt::ItemIsEnabled | Qt::ItemNeverHasChildren : Qt::NoItemFlags;
}

QString spokenText(const Command& command) {
    QStringList parts{command.text};
    if (!command.enabled)
        parts << QCoreApplication::translate("CommandListModel", "not available now");
    parts << command.place;
    if (!command.keys.isEmpty())
        parts << QCoreApplication::translate("CommandListModel", "key %1").arg(command.keys);
    parts << hintOf(command);
    parts.removeAll(QString());
    return parts.join(QStringLiteral(", "));
}

}  // namespace bnstudio
