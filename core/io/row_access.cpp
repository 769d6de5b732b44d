// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/row_access.h"

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
    if (array.dtype == DType::Bool)
        normaliseBools(bytes);
}

void normaliseBools(std::span<std::byte> bytes) {
    for (std::byte& value : bytes)
        value = value == std::byte{0} ? std::byte{0} : std::byte{1};
}

}  // namespace bnstudio
