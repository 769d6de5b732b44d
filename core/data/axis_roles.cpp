// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/axis_roles.h"

#include "core/io/row_access.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace bnstudio {

namespace {

using Triple = std::array<std::int64_t, 3>;

/// The axes of a tensor as three: those that make up L are one, and a missing L has length 1 and comes last.
struct Axes {
    std::string order;  ///< a permutation of "NCL"
    Triple extent{};    ///< in that order
    bool hasLength = true;

    std::size_t at(char role) const { return order[0] == role ? 0 : order[1] == role ? 1 : 2; }
    std::int64_t extentOf(char role) const { return extent[at(role)]; }
};

Axes axesOf(const Dims& shape, const std::string& order) {
    Axes axes;
    axes.hasLength = shape.size() > 2;
    axes.order = order;
    if (!axes.hasLength)
        std::erase(axes.order, 'L');
    if (axes.order.size() == 2)
        axes.order += 'L';
    const std::size_t lengthAxes = shape.size() - 2;
    std::size_t next = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        axes.extent[i] = 1;
        for (std::size_t taken = axes.order[i] == 'L' ? lengthAxes : 1; taken > 0; --taken)
            axes.extent[i] *= shape[next++];
    }
    return axes;
}

/// Copies element (i, j, k) of a box to out[i·strides[0] + j·strides[1] + k·strides[2]].
template <class T>
void scatter(const T* box, const Triple& extent, const Triple& strides, T* out) {
    for (std::int64_t i = 0; i < extent[0]; ++i)
        for (std::int64_t j = 0; j < extent[1]; ++j) {
            T* const to = out + i * strides[0] + j * strides[1];
            for (std::int64_t k = 0; k < extent[2]; ++k)
                to[k * strides[2]] = *box++;
        }
}

void scatter(const Tensor& box, const Triple& extent, const Triple& strides, Tensor& out) {
    const auto as = [&]<class T>(T) {
        scatter(reinterpret_cast<const T*>(box.bytes()), extent, strides, reinterpret_cast<T*>(out.bytes()));
    };
    switch (itemSize(box.dtype())) {
    case 1:
        return as(std::uint8_t{});
    case 2:
        return as(std::uint16_t{});
    case 4:
        return as(std::uint32_t{});
    default:
        return as(std::uint64_t{});
    }
}

class ReorderedTensor : public LazyTensor {
public:
    ReorderedTensor(std::shared_ptr<const LazyTensor> source, Axes axes)
        : m_source(std::move(source)), m_axes(std::move(axes)), m_shape{m_axes.extentOf('N'), m_axes.extentOf('C')} {
        if (m_axes.hasLength)
            m_shape.push_back(m_axes.extentOf('L'));
    }
    const std::string& name() const override { return m_source->name(); }
    DType dtype() const override { return m_source->dtype(); }
    const Dims& shape() const override { return m_shape; }
    bool fortranOrder() const override { return m_source->fortranOrder(); }
    void readRows(std::int64_t first, std::int64_t count, Tensor& out) const override;

private:
    void readBox(std::int64_t first, std::int64_t count, Tensor& box) const;

    std::shared_ptr<const LazyTensor> m_source;
    Axes m_axes;
    Dims m_shape;
};

void ReorderedTensor::readRows(std::int64_t first, std::int64_t count, Tensor& out) const {
    requireRows(name(), m_shape, first, count);
    out.reshapeFor(dtype(), shapeOfRows(m_shape, count));
    if (out.size() == 0)
        return;
    Tensor box;
    readBox(first, count, box);
    Triple extent = m_axes.extent, strides{};
    extent[m_axes.at('N')] = count;
    strides[m_axes.at('N')] = m_axes.extentOf('C') * m_axes.extentOf('L');
    strides[m_axes.at('C')] = m_axes.extentOf('L');
    strides[m_axes.at('L')] = 1;
    scatter(box, extent, strides, out);
}

/// The samples in the order of the file. Where N is not the first axis each row of the source holds them in runs.
void ReorderedTensor::readBox(std::int64_t first, std::int64_t count, Tensor& box) const {
    const Triple& extent = m_axes.extent;
    const std::size_t place = m_axes.at('N');
    if (place == 0)
        return m_source->readRows(first, count, box);
    const std::int64_t behind = place == 1 ? extent[2] : 1;  // values of a sample that are neighbours
    const std::int64_t before = place == 1 ? extent[0] : extent[0] * extent[1];
    // The source may have several axes in place of the first of the three; its rows are those of the first one.
    const std::int64_t rows = rowCount(m_source->shape()), runsPerRow = before / rows, run = count * behind;
    box.reshapeFor(dtype(), {before, run});
    const std::size_t runBytes = static_cast<std::size_t>(run) * itemSize(dtype());
    Tensor piece;
    for (std::int64_t i = 0; i < runsPerRow; ++i) {
        m_source->readColumns(0, rows, (i * extent[place] + first) * behind, run, piece);
        for (std::int64_t row = 0; row < rows; ++row)
            std::memcpy(box.bytes() + static_cast<std::size_t>(row * runsPerRow + i) * runBytes,
                        piece.bytes() + static_cast<std::size_t>(row) * runBytes, runBytes);
    }
}

}  // namespace

bool isAxisOrder(const std::string& axes) {
    std::string sorted = axes;
    std::sort(sorted.begin(), sorted.end());
    return sorted.empty() || sorted == "CN" || sorted == "CLN";
}

std::shared_ptr<const LazyTensor> withAxes(std::shared_ptr<const LazyTensor> tensor, const std::string& axes,
                                           const std::string& where) {
    const std::size_t rank = tensor->shape().size();
    if (axes.empty() || axes == "NCL" || (rank == 2 && axes.find('N') < axes.find('C')))
        return tensor;
    if (rank > 2 && axes.size() == 2)
        refuse(where, "has " + std::to_string(rank) + " axes, but " + axes
                          + " names two; expected N, C and L (for all the others) in the order of the file");
    return std::make_shared<const ReorderedTensor>(tensor, axesOf(tensor->shape(), axes));
}

std::string axesHint(const Dims& batchShape, std::int64_t numFeatures) {
    if (numFeatures <= 0 || batchShape.size() < 2 || batchShape[1] == numFeatures)
        return {};
    const bool isLast = batchShape.size() > 2 && batchShape[2] == numFeatures;
    if (!isLast && batchShape[0] != numFeatures)
        return {};
    const std::string axes = isLast ? "NLC" : batchShape.size() == 2 ? "CN" : "CNL";
    return "the layer has num_features " + std::to_string(numFeatures) + " and batches are " + shapeText(batchShape)
           + " with " + std::to_string(batchShape[1]) + " channels; if the channels are the "
           + (isLast ? "last" : "first") + " axis of the file, --axes " + axes + " reads it so";
}

}  // namespace bnstudio
