// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/input_file.h"
#include "core/tensor/tensor.h"

#include <cstdint>
#include <span>
#include <string>

namespace bnstudio {

/// A dense array in C order that begins at a byte of a source.
struct StoredArray {
    DType dtype = DType::Float32;
    Dims shape;
    std::uint64_t offset = 0;
    bool bigEndian = false;
};

/// Rows along the first axis; an array of rank 0 is one row.
std::int64_t rowCount(const Dims& shape);
/// Throws Error(BadInput) "WHERE: …" when not all of these rows are there.
void requireRows(const std::string& where, const Dims& shape, std::int64_t first, std::int64_t count);
/// The shape of @p count rows.
Dims shapeOfRows(const Dims& shape, std::int64_t count);
/// Elements of one row; the rank must be 1 or more.
std::int64_t columnCount(const Dims& shape);
/// Throws Error(BadInput) "WHERE: …" when not all of these elements of a row are there.
void requireColumns(const std::string& where, const Dims& shape, std::int64_t begin, std::int64_t length);
/// Reads rows with one positioned read. Throws Error(BadInput) for rows that are not there or a file that has shrunk.
void readStoredRows(const ByteSource& source, const std::string& where, const StoredArray& array, std::int64_t first,
                    std::int64_t count, Tensor& out);
/// LazyTensor::readColumns() with a positioned read per row, or a single one where the pieces are whole rows.
void readStoredColumns(const ByteSource& source, const std::string& where, const StoredArray& array, std::int64_t first,
                       std::int64_t count, std::int64_t begin, std::int64_t length, Tensor& out);
/// Makes elements as they stand in a file those of this machine: in its byte order, and bools 0 or 1, which is all C++
/// allows them to be, while a file may hold any byte.
void toNativeElements(std::span<std::byte> bytes, DType dtype, bool bigEndian);

}  // namespace bnstudio
