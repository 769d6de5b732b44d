// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/row_access.h"

#include <algorithm>
#include <bit>

namespace bnstudio {

static_assert(std::endian::native == std::endian::little, "the readers take little-endian elements as they are");

std::int64_t rowCount(const Dims& shape) {
    return shape.empty() ? 1 : shape[0];
}

void requireRows(const std::string& where, const Dims& shape, std::int64_t first, std::int64_t count) {
    const std::int64_t rows = rowCount(shape);
    if (first < 0 || count < 0 || first > rows || count > rows - first)
        refuse(where, "has " + std::to_string(rows) + " rows, but " + std::to_string(count) + " from row "
                          + std::to_string(first) + " on were asked for");
}

Dims shapeOfRows(const Dims& shape, std::int64_t count) {
    Dims result = shape;
    if (!result.empty())
        result[0] = count;
    return result;
}

void readStoredRows(const ByteSource& source, const std::string& where, const StoredArray& array, std::int64_t first,
                    std::int64_t count, Tensor& out) {
    requireRows(where, array.shape, first, count);
    out.reshapeFor(array.dtype, shapeOfRows(array.shape, count));
    const std::span<std::byte> bytes(out.bytes(), out.byteSize());
    if (bytes.empty())
        return;
    const std::uint64_t rowBytes = bytes.size() / static_cast<std::uint64_t>(count);
    source.readAt(array.offset + static_cast<std::uint64_t>(first) * rowBytes, bytes);
    toNativeElements(bytes, array.dtype, array.bigEndian);
}

std::int64_t columnCount(const Dims& shape) {
    return checkedElementCount(Dims(shape.begin() + 1, shape.end()), 1);
}

void requireColumns(const std::string& where, const Dims& shape, std::int64_t begin, std::int64_t length) {
    const std::int64_t columns = columnCount(shape);
    if (begin < 0 || length < 0 || begin > columns || length > columns - begin)
        refuse(where, "has " + std::to_string(columns) + " values in a row, but " + std::to_string(length) + " from "
                          + std::to_string(begin) + " on were asked for");
}

void readStoredColumns(const ByteSource& source, const std::string& where, const StoredArray& array, std::int64_t first,
                       std::int64_t count, std::int64_t begin, std::int64_t length, Tensor& out) {
    requireRows(where, array.shape, first, count);
    requireColumns(where, array.shape, begin, length);
    out.reshapeFor(array.dtype, {count, length});
    if (out.size() == 0)
        return;
    const auto columns = static_cast<std::uint64_t>(columnCount(array.shape));
    const std::uint64_t itemBytes = itemSize(array.dtype);
    const std::span<std::byte> bytes(out.bytes(), out.byteSize());
    const std::size_t pieceBytes = bytes.size() / static_cast<std::size_t>(count);
    const bool areWhole = static_cast<std::uint64_t>(length) == columns;
    for (std::int64_t row = 0; row < (areWhole ? 1 : count); ++row) {
        const std::uint64_t element =
            static_cast<std::uint64_t>(first + row) * columns + static_cast<std::uint64_t>(begin);
        source.readAt(array.offset + element * itemBytes,
                      areWhole ? bytes : bytes.subspan(static_cast<std::size_t>(row) * pieceBytes, pieceBytes));
    }
    toNativeElements(bytes, array.dtype, array.bigEndian);
}

void toNativeElements(std::span<std::byte> bytes, DType dtype, bool bigEndian) {
    if (dtype == DType::Bool)
        for (std::byte& value : bytes)
            value = value == std::byte{0} ? std::byte{0} : std::byte{1};
    const std::size_t itemBytes = itemSize(dtype);
    for (std::size_t at = 0; bigEndian && at + itemBytes <= bytes.size(); at += itemBytes)
        std::reverse(bytes.data() + at, bytes.data() + at + itemBytes);
}

}  // namespace bnstudio
