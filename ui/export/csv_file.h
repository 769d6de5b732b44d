// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/data_table.h"

#include <stop_token>

class QAbstractItemModel;

namespace bnstudio {

/// A model's cells as they are now: numbers of Qt::EditRole where there are any, else the words of Qt::DisplayRole; a
/// dash, which stands for no value, becomes an empty cell. With @p hasRowNames the names of the rows come first.
DataTable tableOf(const QAbstractItemModel& model, bool hasRowNames);

/// Comma-separated lines (RFC 4180) below a line of names, UTF-8; numbers as the shortest decimals that read back as
/// the same double, nan, inf and -inf. Written beside the target and renamed. Throws Error(WriteFailed) and
/// Error(Cancelled).
void saveCsv(const DataTable& table, const QString& path, const std::stop_token& stop = {});

}  // namespace bnstudio
