// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/export/csv_file.h"

#include "core/error.h"
#include "core/io/atomic_file.h"

#include <QAbstractItemModel>

#include <charconv>
#include <memory>
#include <string>

namespace bnstudio {

namespace {

/// Quoted where the text needs it.
std::string wordCell(const QString& text) {
    std::string word = text.toStdString();
    if (word.find_first_of(",\"\r\n") == std::string::npos)
        return word;
    std::string quoted = "\"";
    for (const char c : word)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + '"';
}

template <class Number>
std::string numberCell(Number value) {
    char buffer[64];
    return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

std::string cellText(const QVariant& value) {
    switch (value.typeId()) {
    case QMetaType::UnknownType:
        return {};
    case QMetaType::Double:
        return numberCell(value.toDouble());
    case QMetaType::Float:
        return numberCell(value.value<float>());
    case QMetaType::Int:
    case QMetaType::LongLong:
        return std::to_string(value.toLongLong());
    default:
        return wordCell(value.toString());
    }
}

}  // namespace

DataTable tableOf(const QAbstractItemModel& model, bool hasRowNames) {
    const int names = hasRowNames ? 1 : 0;
    DataTable table;
    table.rows = model.rowCount();
    if (hasRowNames)
        table.columns << QString();
    for (int column = 0; column < model.columnCount(); ++column)
        table.columns << model.headerData(column, Qt::Horizontal).toString().replace(u'\n', u' ');
    auto cells = std::make_shared<std::vector<QVariant>>();
    cells->reserve(static_cast<std::size_t>(table.rows) * static_cast<std::size_t>(table.columns.size()));
    for (int row = 0; row < model.rowCount(); ++row) {
        if (hasRowNames)
            cells->push_back(model.headerData(row, Qt::Vertical));
        for (int column = 0; column < model.columnCount(); ++column) {
            const QModelIndex index = model.index(row, column);
            const QVariant number = model.data(index, Qt::EditRole);
            const QVariant word = number.isValid() ? number : model.data(index);
            const bool isDash = word.typeId() == QMetaType::QString && word.toString() == QStringLiteral("–");
            cells->push_back(isDash ? QVariant() : word);
        }
    }
    const auto width = static_cast<std::size_t>(model.columnCount() + names);
    table.cell = [cells, width](std::int64_t row, int column) {
        return (*cells)[static_cast<std::size_t>(row) * width + static_cast<std::size_t>(column)];
    };
    return table;
}

void saveCsv(const DataTable& table, const QString& path, const std::stop_token& stop) {
    AtomicFile file{std::filesystem::path(path.toStdString())};
    std::string line;
    for (qsizetype column = 0; column < table.columns.size(); ++column) {
        if (column > 0)
            line += ',';
        line += wordCell(table.columns[column]);
    }
    line += '\n';
    file.write(std::string_view(line));
    for (std::int64_t row = 0; row < table.rows; ++row) {
        if (stop.stop_requested())
            throw Error(ErrorCode::Cancelled, path.toStdString() + ": cancelled");
        line.clear();
        for (int column = 0; column < table.columns.size(); ++column) {
            if (column > 0)
                line += ',';
            line += cellText(table.cell(row, column));
        }
        line += '\n';
        file.write(std::string_view(line));
    }
    file.commit();
}

}  // namespace bnstudio
