// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/npy_reader.h"

#include "core/error.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace bnstudio {

namespace {

constexpr std::int64_t fortranBlockBytes = std::int64_t{4} << 20;

/// Steps through the columns (all axes but the first) of a Fortran-ordered array in file order, and knows where each
/// one lies in C order.
class ColumnWalk {
public:
    explicit ColumnWalk(const Dims& shape) : m_extent(shape.begin() + 1, shape.end()) {
        m_stride.assign(m_extent.size(), 1);
        for (std::size_t axis = m_extent.size(); axis-- > 1;) {
            m_stride[axis - 1] = m_stride[axis] * m_extent[axis];
        }
        m_index.assign(m_extent.size(), 0);
    }
    std::int64_t cOrderOffset() const { return m_offset; }
    void next() {
        for (std::size_t axis = 0; axis < m_extent.size(); ++axis) {
            m_offset += m_stride[axis];
            if (++m_index[axis] < m_extent[axis]) {
                return;
            }
            m_offset -= m_stride[axis] * m_extent[axis];
            m_index[axis] = 0;
        }
    }

private:
    Dims m_extent, m_stride, m_index;
    std::int64_t m_offset = 0;
};

}  // namespace

NpyTensor::NpyTensor(std::string name, std::string where, NpyHeader header, std::shared_ptr<const ByteSource> source)
    : m_name(std::move(name)), m_where(std::move(where)), m_header(std::move(header)), m_source(std::move(source)) {
    if (!m_header.dtype) {
        refuse(m_where, m_header.unsupported);
    }
    const std::size_t itemBytes = itemSize(dtype());
    std::int64_t elements = 0;
    try {
        elements = checkedElementCount(shape(), itemBytes);
    } catch (const Error& error) {
        refuse(m_where, error.what());
    }
    const std::uint64_t promised = static_cast<std::uint64_t>(elements) * itemBytes;
    const std::uint64_t present = m_source->size() - m_header.dataOffset;
    if (promised != present) {
        refuse(m_where, "shape " + shapeText(shape()) + " of " + std::string(bnstudio::name(dtype())) + " needs "
                            + std::to_string(promised) + " bytes from byte " + std::to_string(m_header.dataOffset)
                            + " on, but " + std::to_string(present) + " are there");
    }
}

void NpyTensor::readRows(std::int64_t first, std::int64_t count, Tensor& out) const {
    if (!m_header.fortranOrder || shape().size() < 2)
        return readStoredRows(*m_source, m_where, inCOrder(), first, count, out);
    requireRows(m_where, shape(), first, count);
    out.reshapeFor(dtype(), shapeOfRows(shape(), count));
    if (out.size() > 0)
        readFortranRows(first, count, out);
    toNativeElements({out.bytes(), out.byteSize()}, dtype(), m_header.bigEndian);
}

void NpyTensor::readColumns(std::int64_t first, std::int64_t count, std::int64_t begin, std::int64_t length,
                            Tensor& out) const {
    if (!m_header.fortranOrder || shape().size() < 2)
        return readStoredColumns(*m_source, m_where, inCOrder(), first, count, begin, length, out);
    if (shape().size() == 2)
        return readFortranColumns(first, count, begin, length, out);
    LazyTensor::readColumns(first, count, begin, length, out);
}

/// Columns of a matrix are neighbours in Fortran order: this is what numpy.save makes of a transposed table.
void NpyTensor::readFortranColumns(std::int64_t first, std::int64_t count, std::int64_t begin, std::int64_t length,
                                   Tensor& out) const {
    NpyHeader transposed = m_header;
    transposed.fortranOrder = false;
    transposed.shape = {shape()[1], shape()[0]};
    requireRows(m_where, shape(), first, count);
    requireColumns(m_where, shape(), begin, length);
    Tensor columns;
    NpyTensor(m_name, m_where, std::move(transposed), m_source).readRows(begin, length, columns);
    out.reshapeFor(dtype(), {count, length});
    const std::size_t itemBytes = itemSize(dtype());
    const auto rows = static_cast<std::size_t>(shape()[0]);
    std::byte* to = out.bytes();
    for (auto row = static_cast<std::size_t>(first); row < static_cast<std::size_t>(first + count); ++row)
        for (std::size_t column = 0; column < static_cast<std::size_t>(length); ++column, to += itemBytes)
            std::memcpy(to, columns.bytes() + (column * rows + row) * itemBytes, itemBytes);
}

// In Fortran order the rows of one column are neighbours and the columns lie N elements apart. Short columns are read
// many at a time together with the rows between them that nobody asked for; long columns one by one, in pieces.
void NpyTensor::readFortranRows(std::int64_t first, std::int64_t count, Tensor& out) const {
    const std::int64_t rowsPerPiece = fortranBlockBytes / static_cast<std::int64_t>(itemSize(dtype()));
    for (std::int64_t done = 0; done < count; done += rowsPerPiece) {
        readFortranPiece(first + done, std::min(rowsPerPiece, count - done), done, out);
    }
}

void NpyTensor::readFortranPiece(std::int64_t first, std::int64_t count, std::int64_t outRow, Tensor& out) const {
    const auto itemBytes = static_cast<std::int64_t>(itemSize(dtype()));
    const std::int64_t columnBytes = shape()[0] * itemBytes;
    const std::int64_t columns = out.size() / out.shape()[0];
    const std::int64_t columnsPerBlock = std::max<std::int64_t>(1, fortranBlockBytes / columnBytes);
    ColumnWalk walk(shape());
    std::vector<std::byte> block;
    for (std::int64_t column = 0; column < columns;) {
        const std::int64_t taken = std::min(columnsPerBlock, columns - column);
        block.resize(static_cast<std::size_t>((taken - 1) * columnBytes + count * itemBytes));
        m_source->readAt(m_header.dataOffset + static_cast<std::uint64_t>(column * columnBytes + first * itemBytes),
                         block);
        for (std::int64_t i = 0; i < taken; ++i, walk.next()) {
            const std::byte* source = block.data() + i * columnBytes;
            std::byte* target = out.bytes() + (outRow * columns + walk.cOrderOffset()) * itemBytes;
            for (std::int64_t row = 0; row < count; ++row) {
                std::memcpy(target, source, static_cast<std::size_t>(itemBytes));
                source += itemBytes;
                target += columns * itemBytes;
            }
        }
        column += taken;
    }
}

TensorFile openNpy(const std::filesystem::path& path) {
    auto source = std::make_shared<const InputFile>(path);
    const std::string where = source->label();
    NpyHeader header = readNpyHeader(*source, where);
    TensorFile file;
    file.path = path;
    file.format = "npy";
    file.tensors.push_back(
        std::make_shared<const NpyTensor>(path.stem().string(), where, std::move(header), std::move(source)));
    return file;
}

}  // namespace bnstudio
