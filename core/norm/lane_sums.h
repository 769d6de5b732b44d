// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/batch_layout.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace bnstudio {

/// Memory that a pass needs besides its tensors, kept from one pass to the next by the thread that calls it.
class Scratch {
public:
    Scratch();
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    /// Uninitialised, aligned to a cache line, valid until this Scratch goes.
    double* doubles(std::int64_t count);
    std::uint32_t* counts(std::int64_t count);

private:
    struct Blocks;
    std::byte* take(std::size_t bytes);
    std::unique_ptr<Blocks> m_blocks;
};

/// Two sums for each of some channels, and how many of their values lie below and above zero. Low parts are null for
/// float32; signs are null when not asked for.
struct ChannelSums {
    LaneSums sums;
    LaneSigns signs;
    static ChannelSums make(Scratch& scratch, std::int64_t channels, bool lowParts, bool signs);
    ChannelSums from(std::int64_t channel) const;
};

/// Adds one chunk of some channels to their lanes.
using AddChunk =
    std::function<void(std::int64_t chunk, std::int64_t firstChannel, std::int64_t channels, LaneSums, LaneSigns)>;

/// The sums of a task's channels over its run of chunks, lane by lane: `channels · lanesPerChannel` lanes.
void sumRun(const KernelTable& kernels, const BatchLayout& layout, const TaskRange& task, const AddChunk& add,
            ChannelSums lanes);

/// From lanes to channels.
void foldLanes(const KernelTable& kernels, const BatchLayout& layout, std::int64_t channels, const ChannelSums& lanes,
               const ChannelSums& out);

/// The sums of a task's channels over all their chunks; the task belongs to a partition with a single run.
void sumGroup(const KernelTable& kernels, const BatchLayout& layout, const TaskRange& task, const AddChunk& add,
              const ChannelSums& out);

/// All channels' sums, in parallel. @p afterGroup, when given, is called for a group of channels as soon as they are
/// summed, in the thread that read them, where the partition has a single run; else not at all.
void sumChannels(const KernelTable& kernels, const BatchLayout& layout, const Partition& partition, const AddChunk& add,
                 const ChannelSums& out, const std::function<void(const TaskRange&)>& afterGroup = {});

/// Calls task for every task of the partition; each thread's share in reverse, because its last values may still be in a
/// cache.
void forEachTaskBackwards(const BatchLayout& layout, const Partition& partition,
                          const std::function<void(const TaskRange&)>& task);

}  // namespace bnstudio
