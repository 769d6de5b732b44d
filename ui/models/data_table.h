// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QVariant>

#include <cstdint>
#include <functional>

namespace bnstudio {

/// Numbers and words as rows and columns, in full precision, for files and for readers that cannot see a picture. What
/// it is made of is immutable, so that cells may be asked for in another thread (by one thread at a time).
struct DataTable {
    QStringList columns;  ///< names with their units or divisors: "batch var ÷n"
    std::int64_t rows = 0;
    /// A double, a float, a qlonglong, a QString, or nothing where there is no value.
    std::function<QVariant(std::int64_t row, int column)> cell;
};

}  // namespace bnstudio
