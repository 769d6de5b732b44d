// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/strided_tensor.h"

#include "core/error.h"
#include "core/io/row_access.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

namespace bnstudio {

namespace {

constexpr std::int64_t blockBytes = std::int64_t{4} << 20;

struct Axis {
    std::int64_t extent, stride;  // in the storage
    std::int64_t outStride;       // in C order
};

/// Copies a view into C order. Axes are taken by falling stride: blocks of the storage are read whole, with the
/// elements between those that are wanted, as long as they stay below a limit; longer stretches are read in pieces.
class StridedCopy {
public:
    StridedCopy(const ByteSource& storage, std::int64_t itemBytes, std::vector<Axis> axes, std::byte* out)
        : m_storage(storage), m_itemBytes(itemBytes), m_axes(std::move(axes)), m_out(out) {
        std::stable_sort(m_axes.begin(), m_axes.end(),
                         [](const Axis& a, const Axis& b) { return a.stride > b.stride; });
        // span[i]: elements from the first to the last of the axes from i on
        m_span.assign(m_axes.size() + 1, 1);
        for (std::size_t i = m_axes.size(); i-- > 0;) {
            m_span[i] = m_span[i + 1] + (m_axes[i].extent - 1) * m_axes[i].stride;
        }
    }

    void copy(std::size_t axis, std::int64_t from, std::int64_t to) {
        const std::int64_t limit = std::max<std::int64_t>(1, blockBytes / m_itemBytes);
        if (m_span[axis] <= limit) {
            load(from, m_span[axis]);
            scatter(axis, 0, to);
            return;
        }
        const Axis& whole = m_axes[axis];
        // As many steps along this axis as fit into one block, or one by one when not even one does.
        const std::int64_t steps =
            m_span[axis + 1] > limit ? 0 : (limit - m_span[axis + 1]) / std::max<std::int64_t>(1, whole.stride) + 1;
        for (std::int64_t i = 0; i < whole.extent;) {
            const std::int64_t taken = std::min(std::max<std::int64_t>(1, steps), whole.extent - i);
            const std::int64_t begin = from + i * whole.stride;
            if (steps == 0) {
                copy(axis + 1, begin, to + i * whole.outStride);
            } else {
                load(begin, m_span[axis + 1] + (taken - 1) * whole.stride);
                for (std::int64_t step = 0; step < taken; ++step) {
                    scatter(axis + 1, step * whole.stride, to + (i + step) * whole.outStride);
                }
            }
            i += taken;
        }
    }

private:
    void load(std::int64_t from, std::int64_t count) {
        m_block.resize(static_cast<std::size_t>(count * m_itemBytes));
        m_storage.readAt(static_cast<std::uint64_t>(from * m_itemBytes), m_block);
    }

    void scatter(std::size_t axis, std::int64_t from, std::int64_t to) {
        if (axis == m_axes.size()) {
            std::memcpy(m_out + to * m_itemBytes, m_block.data() + from * m_itemBytes,
                        static_cast<std::size_t>(m_itemBytes));
            return;
        }
        const Axis& along = m_axes[axis];
        if (axis + 1 == m_axes.size() && along.stride == 1 && along.outStride == 1) {
            std::memcpy(m_out + to * m_itemBytes, m_block.data() + from * m_itemBytes,
                        static_cast<std::size_t>(along.extent * m_itemBytes));
            return;
        }
        for (std::int64_t i = 0; i < along.extent; ++i) {
            scatter(axis + 1, from + i * along.stride, to + i * along.outStride);
        }
    }

    const ByteSource& m_storage;
    std::int64_t m_itemBytes;
    std::vector<Axis> m_axes;
    std::vector<std::int64_t> m_span;
    std::byte* m_out;
    std::vector<std::byte> m_block;
};

/// The axes of a C-ordered array of @p shape. Those of length 1 have nothing to say, and neighbours that are evenly
/// spaced together are one.
std::vector<Axis> axesOf(const Dims& shape, const Dims& strides) {
    std::vector<Axis> axes;
    std::int64_t outStride = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
        if (shape[i] == 1) {
            continue;
        }
        if (!axes.empty() && strides[i] == axes.back().stride * axes.back().extent) {
            axes.back().extent *= shape[i];
        } else {
            axes.push_back({shape[i], strides[i], outStride});
        }
        outStride *= shape[i];
    }
    return axes;
}

/// Elements of the storage up to the last one of the view, which must fit 63 bits.
std::int64_t extentOf(const StridedLayout& layout, const std::string& where) {
    __int128 last = layout.offset;
    for (std::size_t i = 0; i < layout.shape.size(); ++i) {
        last += static_cast<__int128>(layout.shape[i] - 1) * layout.strides[i];
        if (last > std::numeric_limits<std::int64_t>::max() - 1) {
            refuse(where, "shape " + shapeText(layout.shape) + " with strides " + shapeText(layout.strides)
                              + " reaches beyond any storage");
        }
    }
    return static_cast<std::int64_t>(last) + 1;
}

std::int64_t elementCount(const StridedLayout& layout, const std::string& where) {
    try {
        return checkedElementCount(layout.shape, itemSize(layout.dtype));
    } catch (const Error& error) {
        refuse(where, error.what());
    }
}

}  // namespace

StridedTensor::StridedTensor(std::string name, std::shared_ptr<const std::string> file, StridedLayout layout,
                             std::shared_ptr<const ByteSource> storage)
    : m_name(std::move(name)), m_file(std::move(file)), m_layout(std::move(layout)), m_storage(std::move(storage)) {
    const std::int64_t elements = elementCount(m_layout, where());
    if (m_layout.offset < 0) {
        refuse(where(), "begins at element " + std::to_string(m_layout.offset) + " of its storage, expected 0 or more");
    }
    for (const std::int64_t stride : m_layout.strides) {
        if (stride < 0) {
            refuse(where(), "has the stride " + std::to_string(stride) + ", expected 0 or more");
        }
    }
    if (elements == 0) {
        return;
    }
    const std::uint64_t present = m_storage->size() / itemSize(m_layout.dtype);
    const std::int64_t needed = extentOf(m_layout, where());
    if (static_cast<std::uint64_t>(needed) > present) {
        refuse(where(), "shape " + shapeText(m_layout.shape) + " with strides " + shapeText(m_layout.strides)
                            + " from element " + std::to_string(m_layout.offset) + " on needs a storage of "
                            + std::to_string(needed) + " elements, but it has " + std::to_string(present));
    }
}

std::string StridedTensor::where() const {
    return *m_file + ": tensor " + inQuotes(m_name);
}

std::int64_t StridedTensor::repeatedBytes() const {
    const auto itemBytes = static_cast<std::int64_t>(itemSize(dtype()));
    const std::int64_t bytes = checkedElementCount(shape(), itemSize(dtype())) * itemBytes;
    return std::max<std::int64_t>(0, bytes - static_cast<std::int64_t>(m_storage->size()));
}

void StridedTensor::readRows(std::int64_t first, std::int64_t count, Tensor& out) const {
    requireRows(where(), shape(), first, count);
    const Dims wanted = shapeOfRows(shape(), count);
    out.reshapeFor(dtype(), wanted);
    if (out.size() == 0) {
        return;
    }
    const auto itemBytes = static_cast<std::int64_t>(itemSize(dtype()));
    const std::span<std::byte> bytes(out.bytes(), out.byteSize());
    const std::int64_t from = m_layout.offset + (shape().empty() ? 0 : first * m_layout.strides[0]);
    std::vector<Axis> axes = axesOf(wanted, m_layout.strides);
    if (axes.empty() || (axes.size() == 1 && axes[0].stride == 1)) {
        m_storage->readAt(static_cast<std::uint64_t>(from * itemBytes), bytes);
    } else {
        StridedCopy(*m_storage, itemBytes, std::move(axes), out.bytes()).copy(0, from, 0);
    }
    toNativeElements(bytes, dtype(), m_layout.bigEndian);
}

}  // namespace bnstudio
