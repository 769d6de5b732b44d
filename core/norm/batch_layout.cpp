// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/batch_layout.h"

#include <algorithm>
#include <bit>

namespace bnstudio {

namespace {

constexpr std::int64_t fewestRowsPerChunk = 128;
constexpr std::int64_t mostRowsPerChunk = 4096;
constexpr std::int64_t rowValuesPerChunk = 32768;
constexpr std::int64_t segmentValuesPerChunk = 2048;
constexpr std::int64_t longestUncutSegment = 4 * segmentValuesPerChunk;

std::int64_t quotientUp(std::int64_t a, std::int64_t b) {
    return (a + b - 1) / b;
}

}  // namespace

BatchLayout::BatchLayout(BatchShape shape)
    : m_shape(shape.c == 1 ? BatchShape{1, 1, shape.n * shape.l} : shape),
      m_segments(m_shape.c == 1 || m_shape.l >= lanesPerSegment) {
    if (m_shape.valuesPerChannel() == 0)
        return;
    if (!m_segments) {
        m_rowsPerChunk = std::clamp(rowValuesPerChunk / (m_shape.c * m_shape.l), fewestRowsPerChunk, mostRowsPerChunk);
    } else if (m_shape.l <= longestUncutSegment) {
        m_rowsPerChunk = std::max<std::int64_t>(1, segmentValuesPerChunk / m_shape.l);
    } else {
        m_piecesPerSegment = quotientUp(m_shape.l, segmentValuesPerChunk);
        m_chunks = m_shape.n * m_piecesPerSegment;
        return;
    }
    m_chunks = quotientUp(m_shape.n, m_rowsPerChunk);
}

std::int64_t BatchLayout::valuesPerChunk() const {
    if (m_piecesPerSegment > 1)
        return segmentValuesPerChunk;
    return std::min(m_rowsPerChunk, m_shape.n) * m_shape.l;
}

std::int64_t BatchLayout::rowsIn(std::int64_t chunk) const {
    return std::min(m_rowsPerChunk, m_shape.n - chunk * m_rowsPerChunk);
}

std::int64_t BatchLayout::offset(std::int64_t chunk, std::int64_t firstChannel) const {
    const std::int64_t sample = m_piecesPerSegment > 1 ? chunk / m_piecesPerSegment : chunk * m_rowsPerChunk;
    const std::int64_t start = m_piecesPerSegment > 1 ? chunk % m_piecesPerSegment * segmentValuesPerChunk : 0;
    return (sample * m_shape.c + firstChannel) * m_shape.l + start;
}

Tile BatchLayout::tile(std::int64_t chunk, std::int64_t channels) const {
    return {m_shape.c * m_shape.l, rowsIn(chunk), channels * m_shape.l};
}

Segments BatchLayout::segments(std::int64_t chunk, std::int64_t channels) const {
    const std::int64_t stride = m_shape.c * m_shape.l;
    if (m_piecesPerSegment == 1)
        return {stride, m_shape.l, rowsIn(chunk), channels, m_shape.l};
    const std::int64_t start = chunk % m_piecesPerSegment * segmentValuesPerChunk;
    return {stride, m_shape.l, 1, channels, std::min(segmentValuesPerChunk, m_shape.l - start)};
}

namespace {

constexpr std::int64_t taskBytes = std::int64_t{128} << 10;
/// A channel that one task reads twice must leave room in a second-level cache of a megabyte.
constexpr std::int64_t longestFusedChannel = std::int64_t{512} << 10;
/// Neighbouring bytes that a task reads at a time: with fewer the prefetcher starts anew too often, with more the sums
/// leave the first-level cache.
constexpr std::int64_t shortestRunBytes = 2048, rowRunBytes = 4096, segmentRunBytes = 32768;

}  // namespace

Partition::Partition(const BatchLayout& layout, std::size_t itemBytes, bool readsTwice) {
    const BatchShape shape = layout.shape();
    const auto item = static_cast<std::int64_t>(itemBytes);
    const std::int64_t channels = std::max<std::int64_t>(1, shape.c);
    const std::int64_t rowBytes = std::max<std::int64_t>(1, shape.l) * item;  // of one channel in one sample
    const std::int64_t channelBytes = std::max<std::int64_t>(1, shape.valuesPerChannel()) * item;
    const std::int64_t fitting = std::max<std::int64_t>(1, taskBytes / channelBytes);  // channels in a task
    const bool small = channels * channelBytes <= taskBytes;
    if (small
        || (readsTwice && layout.inSegments() && channelBytes <= longestFusedChannel
            && fitting * rowBytes >= shortestRunBytes)) {
        channelsPerTask = std::min(fitting, channels);
        chunksPerRun = std::max<std::int64_t>(1, layout.chunks());
    } else {
        const std::int64_t run = layout.inSegments() ? segmentRunBytes : rowRunBytes;
        channelsPerTask = std::clamp<std::int64_t>(run / rowBytes, 1, channels);
        const std::int64_t chunkBytes = layout.valuesPerChunk() * channelsPerTask * item;
        const std::int64_t wanted = std::max<std::int64_t>(1, taskBytes / std::max<std::int64_t>(1, chunkBytes));
        chunksPerRun = static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(wanted)));
    }
    groups = quotientUp(shape.c, channelsPerTask);
    runs = quotientUp(layout.chunks(), chunksPerRun);
}

TaskRange::TaskRange(const BatchLayout& layout, const Partition& partition, std::int64_t index)
    : firstChannel(index % partition.groups * partition.channelsPerTask),
      channels(std::min(partition.channelsPerTask, layout.shape().c - firstChannel)),
      firstChunk(index / partition.groups * partition.chunksPerRun),
      lastChunk(std::min(layout.chunks(), firstChunk + partition.chunksPerRun)),
      run(index / partition.groups) {}

}  // namespace bnstudio
