// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/lane_sums.h"

#include "core/parallel/parallel.h"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace bnstudio {

// A list of blocks per thread. A Scratch takes the whole list and gives it back, so that a task which the scheduler
// starts on a thread that is waiting inside another one gets blocks of its own.
struct Scratch::Blocks {
    struct Free {
        void operator()(std::byte* p) const { ::operator delete[](p, std::align_val_t{64}); }
    };
    struct Block {
        std::unique_ptr<std::byte[], Free> bytes;
        std::size_t size = 0, used = 0;
    };
    std::vector<Block> blocks;
    static thread_local std::unique_ptr<Blocks> idle;
};
thread_local std::unique_ptr<Scratch::Blocks> Scratch::Blocks::idle;

Scratch::Scratch() : m_blocks(std::move(Blocks::idle)) {
    if (!m_blocks)
        m_blocks = std::make_unique<Blocks>();
}

Scratch::~Scratch() {
    for (Blocks::Block& block : m_blocks->blocks)
        block.used = 0;
    Blocks::idle = std::move(m_blocks);
}

std::byte* Scratch::take(std::size_t bytes) {
    bytes = (bytes + 63) / 64 * 64;
    for (Blocks::Block& block : m_blocks->blocks)
        if (block.size - block.used >= bytes) {
            std::byte* start = block.bytes.get() + block.used;
            block.used += bytes;
            return start;
        }
    constexpr std::size_t smallest = std::size_t{64} << 10;
    const std::size_t size = std::max(bytes, smallest);
    Blocks::Block block{
        decltype(Blocks::Block::bytes)(static_cast<std::byte*>(::operator new[](size, std::align_val_t{64}))), size,
        bytes};
    std::byte* start = block.bytes.get();
    m_blocks->blocks.push_back(std::move(block));
    return start;
}

double* Scratch::doubles(std::int64_t count) {
    return reinterpret_cast<double*>(take(static_cast<std::size_t>(count) * sizeof(double)));
}

std::uint32_t* Scratch::counts(std::int64_t count) {
    return reinterpret_cast<std::uint32_t*>(take(static_cast<std::size_t>(count) * sizeof(std::uint32_t)));
}

ChannelSums ChannelSums::make(Scratch& scratch, std::int64_t channels, bool lowParts, bool signs) {
    ChannelSums made{};
    made.sums.a = scratch.doubles(channels);
    made.sums.b = scratch.doubles(channels);
    if (lowParts) {
        made.sums.aLow = scratch.doubles(channels);
        made.sums.bLow = scratch.doubles(channels);
    }
    if (signs)
        made.signs = {scratch.counts(channels), scratch.counts(channels)};
    return made;
}

ChannelSums ChannelSums::from(std::int64_t channel) const {
    const auto shifted = [channel](auto* p) { return p ? p + channel : nullptr; };
    return {{shifted(sums.a), shifted(sums.aLow), shifted(sums.b), shifted(sums.bLow)},
            {shifted(signs.negative), shifted(signs.positive)}};
}

namespace {

void clear(const ChannelSums& lanes, std::int64_t count) {
    for (double* values : {lanes.sums.a, lanes.sums.b, lanes.sums.aLow, lanes.sums.bLow})
        if (values)
            std::fill_n(values, count, 0.0);
    for (std::uint32_t* values : {lanes.signs.negative, lanes.signs.positive})
        if (values)
            std::fill_n(values, count, 0u);
}

void merge(const KernelTable& kernels, std::int64_t count, const ChannelSums& target, const ChannelSums& source) {
    kernels.mergeSums(count, target.sums, source.sums);
    for (std::int64_t i = 0; target.signs.negative && i < count; ++i) {
        target.signs.negative[i] += source.signs.negative[i];
        target.signs.positive[i] += source.signs.positive[i];
    }
}

}  // namespace

// The tree of chunks is walked like a binary counter: level k holds the sum of 2^k chunks, and two sums of a level become
// one of the next. What is left at the end is merged from the last chunks to the first. That is the tree in which pairs
// of neighbours are merged over and over, an odd one waiting for the next round.
void sumRun(const KernelTable& kernels, const BatchLayout& layout, const TaskRange& task, const AddChunk& add,
            ChannelSums lanes) {
    const std::int64_t count = task.channels * layout.lanesPerChannel();
    if (task.lastChunk - task.firstChunk == 1) {
        clear(lanes, count);
        add(task.firstChunk, task.firstChannel, task.channels, lanes.sums, lanes.signs);
        return;
    }
    struct Level {
        ChannelSums lanes;
        int height = 0;
    };
    Scratch scratch;
    std::vector<Level> waiting;      // heights fall
    std::vector<ChannelSums> spare;  // of merged levels
    for (std::int64_t chunk = task.firstChunk; chunk < task.lastChunk; ++chunk) {
        if (spare.empty())
            spare.push_back(
                ChannelSums::make(scratch, count, lanes.sums.aLow != nullptr, lanes.signs.negative != nullptr));
        waiting.push_back({spare.back(), 0});
        spare.pop_back();
        clear(waiting.back().lanes, count);
        add(chunk, task.firstChannel, task.channels, waiting.back().lanes.sums, waiting.back().lanes.signs);
        const bool last = chunk + 1 == task.lastChunk;
        while (waiting.size() > 1 && (last || waiting.back().height == waiting[waiting.size() - 2].height)) {
            const Level done = waiting.back();
            waiting.pop_back();
            merge(kernels, count, waiting.back().lanes, done.lanes);
            ++waiting.back().height;
            spare.push_back(done.lanes);
        }
    }
    clear(lanes, count);
    merge(kernels, count, lanes, waiting.front().lanes);
}

void foldLanes(const KernelTable& kernels, const BatchLayout& layout, std::int64_t channels, const ChannelSums& lanes,
               const ChannelSums& out) {
    const std::int64_t each = layout.lanesPerChannel();
    if (layout.inSegments()) {
        kernels.foldSegments(channels, lanes.sums, out.sums);
    } else {
        for (std::int64_t c = 0; c < channels; ++c) {
            clear(out.from(c), 1);
            for (std::int64_t lane = 0; lane < each; ++lane)
                kernels.mergeSums(1, out.from(c).sums, lanes.from(c * each + lane).sums);
        }
    }
    for (std::int64_t c = 0; out.signs.negative && c < channels; ++c) {
        out.signs.negative[c] = out.signs.positive[c] = 0;
        for (std::int64_t lane = c * each; lane < (c + 1) * each; ++lane) {
            out.signs.negative[c] += lanes.signs.negative[lane];
            out.signs.positive[c] += lanes.signs.positive[lane];
        }
    }
}

void sumGroup(const KernelTable& kernels, const BatchLayout& layout, const TaskRange& task, const AddChunk& add,
              const ChannelSums& out) {
    const std::int64_t each = layout.lanesPerChannel();
    if (each == 1) {
        sumRun(kernels, layout, task, add, out.from(task.firstChannel));
        return;
    }
    Scratch scratch;
    const ChannelSums lanes =
        ChannelSums::make(scratch, task.channels * each, out.sums.aLow != nullptr, out.signs.negative != nullptr);
    sumRun(kernels, layout, task, add, lanes);
    foldLanes(kernels, layout, task.channels, lanes, out.from(task.firstChannel));
}

namespace {

/// The first of `runs` lane sums, which lie `stride` apart, becomes the sum of all.
void mergeRuns(const KernelTable& kernels, std::int64_t count, const ChannelSums& lanes, std::int64_t runs,
               std::int64_t stride) {
    for (std::int64_t step = 1; step < runs; step *= 2)
        for (std::int64_t i = 0; i + step < runs; i += 2 * step)
            merge(kernels, count, lanes.from(i * stride), lanes.from((i + step) * stride));
}

}  // namespace

void sumChannels(const KernelTable& kernels, const BatchLayout& layout, const Partition& partition, const AddChunk& add,
                 const ChannelSums& out, const std::function<void(const TaskRange&)>& afterGroup) {
    const std::int64_t each = layout.lanesPerChannel();
    const bool lowParts = out.sums.aLow != nullptr, signs = out.signs.negative != nullptr;
    if (partition.runs == 1) {
        parallelFor(partition.tasks(), [&](std::int64_t index) {
            const TaskRange task(layout, partition, index);
            sumGroup(kernels, layout, task, add, out);
            if (afterGroup)
                afterGroup(task);
        });
        return;
    }
    const std::int64_t lanesInAll = layout.shape().c * each;
    Scratch scratch;
    const ChannelSums runs = ChannelSums::make(scratch, partition.runs * lanesInAll, lowParts, signs);
    parallelFor(partition.tasks(), [&](std::int64_t index) {
        const TaskRange task(layout, partition, index);
        sumRun(kernels, layout, task, add, runs.from(task.run * lanesInAll + task.firstChannel * each));
    });
    const auto finish = [&](std::int64_t group) {
        const TaskRange task(layout, partition, group);
        const ChannelSums lanes = runs.from(task.firstChannel * each);
        mergeRuns(kernels, task.channels * each, lanes, partition.runs, lanesInAll);
        foldLanes(kernels, layout, task.channels, lanes, out.from(task.firstChannel));
    };
    if (partition.runs * lanesInAll < 4096)
        for (std::int64_t group = 0; group < partition.groups; ++group)
            finish(group);
    else
        parallelFor(partition.groups, finish);
}

void forEachTaskBackwards(const BatchLayout& layout, const Partition& partition,
                          const std::function<void(const TaskRange&)>& task) {
    const std::int64_t tasks = partition.tasks();
    const std::int64_t share = (tasks + threadsAvailable() - 1) / threadsAvailable();
    parallelFor(tasks, [&](std::int64_t index) {
        const std::int64_t first = index / share * share, last = std::min(tasks, first + share) - 1;
        task(TaskRange(layout, partition, first + last - index));
    });
}

}  // namespace bnstudio
