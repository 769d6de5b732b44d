// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_file.h"

#include <string_view>

namespace bnstudio {

/// Reads a table from a .csv, .tsv or text file as one tensor "data" of shape (rows, columns), Float64; the names of its
/// columns stand in TensorFile::columns. See parseTable().
TensorFile openCsv(const std::filesystem::path& path, const Progress& progress, std::stop_token stop);

/// Whether the beginning of a file of unknown kind is that of a table: plain text with a number in one of its first
/// rows.
bool startsLikeTable(std::string_view start);

}  // namespace bnstudio
