// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/input_file.h"
#include "core/io/tensor_file.h"

#include <string>
#include <vector>

namespace bnstudio {

/// A table of numbers as text.
struct ParsedTable {
    Tensor values;                         ///< Float64, (rows, columns that hold numbers)
    std::vector<std::string> columns;      ///< their names, unique; "column 3" where the text has none
    std::vector<std::string> textColumns;  ///< names of the columns left out because they hold text
    std::vector<std::string> notes;        ///< what was left out, replaced or looks suspicious
};

/// Reads a table: cells between commas, semicolons, tabs or blanks, with or without a line of names; comment lines start
/// with '#'. A column whose cells are all text is left out. Decimal commas are understood unless the comma separates
/// cells. Missing cells become NaN. One pass, with memory for the values and one row; at most 2^28 values.
/// Throws Error(BadInput) "WHERE: …" with row (the line in the text, from 1) and column, or Error(Cancelled).
ParsedTable parseTable(const ByteSource& source, const std::string& where, const Progress& progress,
                       std::stop_token stop);

}  // namespace bnstudio
