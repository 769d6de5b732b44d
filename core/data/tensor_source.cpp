// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/tensor_source.h"

#include "core/data/random.h"
#include "core/error.h"

#include <algorithm>
#include <cstring>

namespace bnstudio {

namespace {

// Values converted or gathered at a time, so that reading a batch needs little memory beside the batch.
constexpr std::int64_t chunkValues = std::int64_t{1} << 16;

std::string megabytes(std::int64_t bytes) {
    return std::to_string((bytes + (std::int64_t{1} << 20) - 1) >> 20) + " MiB";
}

}  // namespace

void requireWithinLimit(const std::string& what, const Dims& shape, const Batching& batching,
                        std::string_view setting) {
    const std::int64_t bytes =
        checkedElementCount(shape, itemSize(batching.dtype)) * static_cast<std::int64_t>(itemSize(batching.dtype));
    if (bytes > batching.byteLimit)
        throw Error(ErrorCode::BadInput, what + ": a batch of shape " + shapeText(shape) + " takes " + megabytes(bytes)
                                             + ", more than " + megabytes(batching.byteLimit) + "; give a smaller "
                                             + std::string(setting));
}

void requireCredibleShape(const std::string& what, const Dims& shape) {
    constexpr std::int64_t longest = std::int64_t{1} << 16, most = std::int64_t{1} << 40;
    if (std::find(shape.begin(), shape.end(), 0) == shape.end())
        return;
    std::int64_t others = 1;  // at most 2^56
    for (const std::int64_t extent : shape) {
        if (extent > longest)
            throw Error(ErrorCode::BadInput, what + " has shape " + shapeText(shape)
                                                 + " and no values, expected axes of at most " + std::to_string(longest)
                                                 + " then");
        others *= std::max<std::int64_t>(1, extent);
        if (others > most)
            throw Error(ErrorCode::BadInput, what + " has shape " + shapeText(shape)
                                                 + " and no values, expected a product of the other axes of at most "
                                                   "2^40 then");
    }
}

ShuffleCache::Order ShuffleCache::order(std::uint64_t seed, std::int64_t epoch, std::int64_t count) const {
    const std::lock_guard lock(m_mutex);
    const auto key = std::pair(seed, epoch);
    const auto found = m_orders.find(key);
    if (found != m_orders.end())
        return found->second;
    auto order = std::make_shared<std::vector<std::int64_t>>(static_cast<std::size_t>(count));
    shuffledOrder(seed, static_cast<std::uint64_t>(epoch), *order);
    if (m_orders.size() >= keptOrders)
        m_orders.erase(m_orders.begin());
    m_orders[key] = order;
    return order;
}

Dims foldedShape(const Dims& shape) {
    if (shape.size() <= 3)
        return shape;
    std::int64_t length = 1;
    for (std::size_t axis = 2; axis < shape.size(); ++axis)
        length *= shape[axis];
    return {shape[0], shape[1], length};
}

void TensorSource::addPart(std::shared_ptr<const LazyTensor> tensor) {
    requireCredibleShape(m_what + "::" + tensor->name(), tensor->shape());
    Part part{std::move(tensor), {}, m_batches};
    part.shape = foldedShape(part.tensor->shape());
    const std::int64_t rows = part.shape[0];
    std::int64_t batches = 1;
    Dims largest = part.shape;
    if (m_batching.batchSize) {
        const std::int64_t size = *m_batching.batchSize;
        batches = m_batching.dropLast ? rows / size : rows / size + (rows % size != 0 ? 1 : 0);
        largest[0] = std::min(rows, size);
    }
    constexpr std::int64_t mostShuffled = std::int64_t{1} << 27;  // their order takes 1 GiB
    if (m_batching.shuffleSeed && m_batching.batchSize && rows > mostShuffled)
        throw Error(ErrorCode::BadInput, m_what + "::" + part.tensor->name() + ": " + std::to_string(rows)
                                             + " samples are too many to shuffle, expected at most 2^27");
    requireWithinLimit(m_what + "::" + part.tensor->name(), largest, m_batching, "--batch-size");
    m_batches += batches;
    m_parts.push_back(std::move(part));
}

TensorSource::Place TensorSource::place(std::int64_t batch, std::int64_t epoch) const {
    if (m_batching.shuffleSeed && !m_batching.batchSize) {
        const auto order = m_shuffles.order(*m_batching.shuffleSeed + m_ordinal, epoch, m_batches);
        batch = (*order)[static_cast<std::size_t>(batch)];
    }
    const auto next = std::upper_bound(m_parts.begin(), m_parts.end(), batch,
                                       [](std::int64_t b, const Part& part) { return b < part.firstBatch; });
    Place result{static_cast<std::size_t>(next - m_parts.begin()) - 1, 0, std::prev(next)->shape};
    if (m_batching.batchSize) {
        result.firstRow = (batch - std::prev(next)->firstBatch) * *m_batching.batchSize;
        result.shape[0] = std::min(*m_batching.batchSize, result.shape[0] - result.firstRow);
    }
    return result;
}

/// Rows of the tensor, converted, to rows outRow … of @p out.
void TensorSource::append(const LazyTensor& tensor, std::int64_t firstRow, std::int64_t rows, std::int64_t outRow,
                          Tensor& scratch, Tensor& out) const {
    tensor.readRows(firstRow, rows, scratch);
    const Tensor converted = scratch.dtype() == out.dtype() ? Tensor() : scratch.convertedTo(out.dtype());
    const Tensor& source = scratch.dtype() == out.dtype() ? scratch : converted;
    const std::size_t rowBytes = out.byteSize() / static_cast<std::size_t>(out.shape()[0]);
    if (source.byteSize() > 0)
        std::memcpy(out.bytes() + static_cast<std::size_t>(outRow) * rowBytes, source.bytes(), source.byteSize());
}

void TensorSource::read(std::int64_t batch, std::int64_t epoch, Tensor& out) const {
    const Place where = place(batch, epoch);
    const Part& part = m_parts[where.part];
    const std::int64_t rows = where.shape[0];
    const bool gather = m_batching.shuffleSeed && m_batching.batchSize;
    if (!gather && part.tensor->dtype() == m_batching.dtype) {
        part.tensor->readRows(where.firstRow, rows, out);
        out.setShape(where.shape);
        return;
    }
    out.reshapeFor(m_batching.dtype, where.shape);
    if (out.size() == 0)
        return;
    Tensor scratch;
    if (gather) {
        // Every part has an order of its own; the golden ratio keeps their seeds from meeting those of other sources.
        const std::uint64_t seed = *m_batching.shuffleSeed + m_ordinal + where.part * 0x9E3779B97F4A7C15ULL;
        const auto order = m_shuffles.order(seed, epoch, part.shape[0]);
        for (std::int64_t row = 0; row < rows; ++row)
            append(*part.tensor, (*order)[static_cast<std::size_t>(where.firstRow + row)], 1, row, scratch, out);
        return;
    }
    const std::int64_t rowsAtOnce = std::max<std::int64_t>(1, chunkValues * rows / out.size());
    for (std::int64_t row = 0; row < rows; row += rowsAtOnce)
        append(*part.tensor, where.firstRow + row, std::min(rowsAtOnce, rows - row), row, scratch, out);
}

}  // namespace bnstudio
