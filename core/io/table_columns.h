// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/tensor.h"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace bnstudio {

/// Where a cell stands: line and column of the text, counted from 1.
struct CellPlace {
    std::int64_t row = 0;
    std::size_t column = 0;
    std::string text() const { return "row " + std::to_string(row) + ", column " + std::to_string(column); }
};

/// What the cells of a column have been so far.
struct ColumnKind {
    enum Kind : unsigned char { Unknown, Numbers, Text };
    Kind kind = Unknown;
    std::int64_t firstRow = 0;   ///< where the kind was decided
    std::string firstText = {};  ///< the cell that made it text
    std::int64_t emptyCells = 0;
    std::int64_t missingWords = 0;  ///< cells such as NA and nan

    /// A column without one number is kept only when it says "nan" and the like; when it is empty it is left out.
    bool isKept() const { return kind == Numbers || (kind == Unknown && missingWords > 0); }
};

/// Makes names unique and non-empty: a second "x" becomes "x.1", an empty one "column 3".
std::vector<std::string> uniqueColumnNames(std::vector<std::string> names);

/// Values row by row, in chunks so that growing never copies.
class RowStore {
public:
    explicit RowStore(std::size_t columns);
    /// Room for one more row.
    double* addRow();
    std::int64_t rows() const { return m_rows; }
    /// Moves the columns with these numbers, in this order, into a tensor of shape (rows, columns); the store is empty
    /// then.
    Tensor takeColumns(const std::vector<std::size_t>& columns);

private:
    std::size_t m_columns, m_rowsPerChunk;
    std::int64_t m_rows = 0;
    std::deque<std::vector<double>> m_chunks;
};

}  // namespace bnstudio
