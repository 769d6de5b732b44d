// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/kernels/kernel_table.h"
#include "core/tensor/tensor.h"

#include <cstdint>

namespace bnstudio {

/// How the values of a contiguous batch are dealt to lanes and cut into chunks, which fixes the order of every sum: a
/// function of the shape alone.
///
/// With a short L a row holds all lanes (c, l) of one sample, and a lane goes down the samples. With a longer L the L
/// values of a channel in one sample are a segment, dealt to lanesPerSegment lanes. A lane is summed over a chunk in
/// storage order, chunks are merged in a binary tree, and at last the lanes of a channel. One channel alone is one long
/// segment.
class BatchLayout {
public:
    explicit BatchLayout(BatchShape shape);

    BatchShape shape() const { return m_shape; }
    bool inSegments() const { return m_segments; }
    std::int64_t lanesPerChannel() const { return m_segments ? lanesPerSegment : m_shape.l; }
    std::int64_t chunks() const { return m_chunks; }
    /// Values of one channel in a full chunk.
    std::int64_t valuesPerChunk() const;

    /// The part of a batch that some channels have in a chunk: the index of its first value, and its extents.
    std::int64_t offset(std::int64_t chunk, std::int64_t firstChannel) const;
    Tile tile(std::int64_t chunk, std::int64_t channels) const;
    Segments segments(std::int64_t chunk, std::int64_t channels) const;

private:
    std::int64_t rowsIn(std::int64_t chunk) const;

    BatchShape m_shape;
    bool m_segments;
    std::int64_t m_rowsPerChunk = 0;  // samples; unless a segment is cut into pieces
    std::int64_t m_piecesPerSegment = 1;
    std::int64_t m_chunks = 0;
};

/// How chunks and channels are handed to threads. Free to choose: it does not change the order of a sum, because a run is
/// a whole subtree of chunks.
struct Partition {
    std::int64_t channelsPerTask = 1;
    std::int64_t chunksPerRun = 1;  ///< a power of two, or all chunks
    std::int64_t groups = 1, runs = 1;

    /// @p itemBytes of one value, in all tensors that are read. A task reads an eighth of a second-level cache.
    /// When it @p readsTwice, and so much holds all values of some neighbouring segments, there is only one run, so that
    /// the second reading finds what the first has left in the cache.
    Partition(const BatchLayout& layout, std::size_t itemBytes, bool readsTwice);
    std::int64_t tasks() const { return groups * runs; }
};

/// One task of a partition.
struct TaskRange {
    std::int64_t firstChannel, channels;
    std::int64_t firstChunk, lastChunk;  ///< up to, not including, lastChunk
    std::int64_t run;

    TaskRange(const BatchLayout& layout, const Partition& partition, std::int64_t index);
};

}  // namespace bnstudio
