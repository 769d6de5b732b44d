// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/series.h"

#include "core/error.h"
#include "core/run/snapshot.h"
#include "core/run/spill_file.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

namespace bnstudio {

namespace {

constexpr std::int64_t stepsInBlock = 64;
// With very many channels a block of 64 steps would be gigabytes; then it holds fewer steps.
constexpr std::size_t largestBlock = std::size_t{16} << 20;
constexpr double absent = std::numeric_limits<double>::quiet_NaN();

std::int64_t stepsPerBlock(std::int64_t channels, DType dtype) {
    const std::size_t bytesPerStep = static_cast<std::size_t>(channels) * quantityCount * itemSize(dtype);
    std::int64_t steps = stepsInBlock;
    while (steps > 1 && static_cast<std::size_t>(steps) * bytesPerStep > largestBlock)
        steps /= 2;
    return steps;
}

}  // namespace

/// Values of consecutive steps: the scalar columns in double, then for each quantity and channel a column of the
/// layer's dtype. A block being filled lies in memory, where slots of steps that no view has seen yet are written in
/// place; a full one with a place in the spill file is replaced by one without memory.
struct SeriesView::Block {
    std::int64_t steps = 0;
    std::shared_ptr<std::byte> memory;
    std::shared_ptr<const SpillFile::Piece> piece;  ///< null where the block stays in memory

    std::size_t offsetOf(ScalarQuantity quantity) const {
        return static_cast<std::size_t>(static_cast<std::int64_t>(quantity) * steps) * sizeof(double);
    }
    template <class T>
    std::size_t offsetOf(Quantity quantity, std::int64_t channel, std::int64_t channels) const {
        const std::int64_t column = static_cast<std::int64_t>(quantity) * channels + channel;
        return static_cast<std::size_t>(scalarCount * steps) * sizeof(double)
               + static_cast<std::size_t>(column * steps) * sizeof(T);
    }
    template <class T>
    T* at(std::size_t offset) const {
        return reinterpret_cast<T*>(memory.get() + offset);
    }
    /// Values from byte @p offset on; NaN where the disk fails.
    template <class T>
    void copy(std::size_t offset, std::span<double> out) const {
        if (memory) {
            std::copy_n(at<T>(offset), out.size(), out.begin());
            return;
        }
        std::array<T, stepsInBlock> values;
        assert(out.size() <= values.size());
        const std::span<T> wanted(values.data(), out.size());
        if (piece->read(offset, std::as_writable_bytes(wanted)))
            std::copy(wanted.begin(), wanted.end(), out.begin());
        else
            std::fill(out.begin(), out.end(), absent);
    }
};

double SeriesView::at(Quantity quantity, std::int64_t step, std::int64_t channel) const {
    double value = absent;
    column(quantity, channel, step, {&value, 1});
    return value;
}

double SeriesView::at(ScalarQuantity quantity, std::int64_t step) const {
    assert(step >= 0 && step < m_length);
    const std::int64_t steps = m_blocks.front()->steps;
    const Block& block = *m_blocks[static_cast<std::size_t>(step / steps)];
    double value = absent;
    block.copy<double>(block.offsetOf(quantity) + static_cast<std::size_t>(step % steps) * sizeof(double), {&value, 1});
    return value;
}

void SeriesView::column(Quantity quantity, std::int64_t channel, std::int64_t first, std::span<double> out) const {
    assert(first >= 0 && first + static_cast<std::int64_t>(out.size()) <= m_length);
    assert(channel >= 0 && channel < m_channels);
    const auto copy = [&]<class T>(T, const Block& block, std::int64_t slot, std::span<double> part) {
        block.copy<T>(block.offsetOf<T>(quantity, channel, m_channels) + static_cast<std::size_t>(slot) * sizeof(T),
                      part);
    };
    std::size_t done = 0;
    while (done < out.size()) {
        const std::int64_t step = first + static_cast<std::int64_t>(done);
        const std::int64_t steps = m_blocks.front()->steps;
        const Block& block = *m_blocks[static_cast<std::size_t>(step / steps)];
        const std::int64_t slot = step % steps;
        const std::size_t count = std::min(out.size() - done, static_cast<std::size_t>(steps - slot));
        if (m_dtype == DType::Float32)
            copy(float{}, block, slot, out.subspan(done, count));
        else
            copy(double{}, block, slot, out.subspan(done, count));
        done += count;
    }
}

struct Series::Impl {
    using Block = SeriesView::Block;

    Impl(std::int64_t seriesChannels, DType seriesDType, std::size_t budget, bool population)
        : channels(seriesChannels),
          dtype(seriesDType),
          byteBudget(budget),
          hasPopulation(population),
          blockSteps(stepsPerBlock(seriesChannels, seriesDType)) {}

    std::size_t blockBytes() const {
        return static_cast<std::size_t>(blockSteps)
               * (scalarCount * sizeof(double) + static_cast<std::size_t>(channels) * quantityCount * itemSize(dtype));
    }
    std::shared_ptr<const Block> newBlock();
    void spillLastBlock();
    void makeRoom();
    template <class T>
    void write(const Snapshot& snapshot, const LaneSnapshot& lane, const Block& block, std::int64_t slot);
    void writeScalars(const LaneSnapshot& lane, const Block& block, std::int64_t slot) const;

    const std::int64_t channels;
    const DType dtype;
    const std::size_t byteBudget;
    const bool hasPopulation;
    const std::int64_t blockSteps;

    mutable std::mutex mutex;  ///< guards what a view copies
    std::vector<std::shared_ptr<const Block>> blocks;
    std::int64_t length = 0;
    std::uint64_t generation = 0;

    bool lastBlockShared = false;  ///< views may look at slots of the last block that will be written again
    SpillFile spill;
};

std::shared_ptr<const Series::Impl::Block> Series::Impl::newBlock() {
    auto block = std::make_shared<Block>();
    block->steps = blockSteps;
    if (blocks.size() * blockBytes() + blockBytes() > byteBudget)
        block->piece = spill.reserve(blockBytes());
    block->memory.reset(new std::byte[blockBytes()], std::default_delete<std::byte[]>());
    return block;
}

/// The last block, which is full, moves to its place in the file.
void Series::Impl::spillLastBlock() {
    const Block& last = *blocks.back();
    last.piece->write({last.memory.get(), blockBytes()});
    auto spilled = std::make_shared<Block>();
    spilled->steps = blockSteps;
    spilled->piece = last.piece;
    const std::lock_guard lock(mutex);
    blocks.back() = std::move(spilled);
}

/// The last block gets a free slot that no view looks at.
void Series::Impl::makeRoom() {
    const std::int64_t used = length % blockSteps;
    if (used == 0) {
        if (!blocks.empty() && blocks.back()->piece && blocks.back()->memory)
            spillLastBlock();
        auto block = newBlock();
        const std::lock_guard lock(mutex);
        blocks.push_back(std::move(block));
    } else if (lastBlockShared) {
        auto copy = newBlock();
        const Block& last = *blocks.back();
        if (last.memory)
            std::memcpy(copy->memory.get(), last.memory.get(), blockBytes());
        else if (!last.piece->read(0, {copy->memory.get(), blockBytes()}))
            throw Error(ErrorCode::Io, "the history of the run cannot be read back from the cache folder");
        const std::lock_guard lock(mutex);
        blocks.back() = std::move(copy);
    }
    lastBlockShared = false;
}

namespace {

/// Element c, or NaN where there is none.
double element(const std::vector<double>& values, std::size_t c) {
    return c < values.size() ? values[c] : absent;
}
double element(const std::optional<ChannelVector>& values, std::size_t c) {
    return values ? element(*values, c) : absent;
}

}  // namespace

template <class T>
void Series::Impl::write(const Snapshot& snapshot, const LaneSnapshot& lane, const Block& block, std::int64_t slot) {
    static const Moments noMoments;
    static const std::vector<double> none;
    const Moments& batch = lane.refused() || lane.skipped ? noMoments : lane.batch;
    const double others = static_cast<double>(batch.valuesPerChannel - 1);
    const LayerState& after = lane.after->layer.state();
    const Population* population = hasPopulation && snapshot.population ? &*snapshot.population : nullptr;
    for (std::int64_t channel = 0; channel < channels; ++channel) {
        const auto c = static_cast<std::size_t>(channel);
        const auto put = [&](Quantity quantity, double value) {
            block.at<T>(block.offsetOf<T>(quantity, channel, channels))[slot] = static_cast<T>(value);
        };
        put(Quantity::BatchMean, element(batch.mean, c));
        put(Quantity::BatchVar, element(batch.var, c));
        put(Quantity::BatchVarUnbiased, element(batch.sumSquares, c) / others);
        put(Quantity::RunningMean, element(after.runningMean, c));
        put(Quantity::RunningVar, element(after.runningVar, c));
        put(Quantity::Weight, element(after.weight, c));
        put(Quantity::Bias, element(after.bias, c));
        put(Quantity::GradWeight, lane.backward ? element(lane.backward->gradWeight, c) : absent);
        put(Quantity::GradBias, lane.backward ? element(lane.backward->gradBias, c) : absent);
        put(Quantity::PopulationMean, element(population ? population->mean : none, c));
        put(Quantity::PopulationVar, element(population ? population->var : none, c));
        put(Quantity::NonFinite, c < lane.health.size() ? lane.health[c].nonFinite() : absent);
    }
}

void Series::Impl::writeScalars(const LaneSnapshot& lane, const Block& block, std::int64_t slot) const {
    const auto put = [&](ScalarQuantity quantity, double value) {
        block.at<double>(block.offsetOf(quantity))[slot] = value;
    };
    const auto& counter = lane.after->layer.state().numBatchesTracked;
    const bool shown = !lane.skipped && lane.inputShape.size() >= 2;
    put(ScalarQuantity::Loss, lane.loss.value_or(absent));
    put(ScalarQuantity::Surprise, lane.surprise);
    put(ScalarQuantity::TrainMode, lane.before->trainMode ? 1 : 0);
    put(ScalarQuantity::Refused, lane.refused() ? 1 : 0);
    put(ScalarQuantity::BatchesTracked, counter ? static_cast<double>(*counter) : absent);
    put(ScalarQuantity::ValuesPerChannel,
        shown ? static_cast<double>(BatchShape::of(lane.inputShape).valuesPerChannel()) : absent);
}

Series::Series(std::int64_t channels, DType dtype, std::size_t byteBudget, bool hasPopulation, std::uint64_t generation)
    : m_impl(std::make_unique<Impl>(channels, dtype, byteBudget, hasPopulation)) {
    m_impl->generation = generation;
}

Series::~Series() = default;

void Series::append(const Snapshot& snapshot, int lane) {
    assert(snapshot.step == m_impl->length);
    m_impl->makeRoom();
    const LaneSnapshot& record = *snapshot.lanes[static_cast<std::size_t>(lane)];
    const SeriesView::Block& block = *m_impl->blocks.back();
    const std::int64_t slot = m_impl->length % m_impl->blockSteps;
    m_impl->writeScalars(record, block, slot);
    if (m_impl->dtype == DType::Float32)
        m_impl->write<float>(snapshot, record, block, slot);
    else
        m_impl->write<double>(snapshot, record, block, slot);
    const std::lock_guard lock(m_impl->mutex);
    ++m_impl->length;
}

void Series::truncate(std::int64_t length) {
    const std::lock_guard lock(m_impl->mutex);
    if (length >= m_impl->length)
        return;
    m_impl->length = length;
    ++m_impl->generation;
    const std::int64_t blocks = (length + m_impl->blockSteps - 1) / m_impl->blockSteps;
    m_impl->blocks.resize(static_cast<std::size_t>(blocks));
    m_impl->lastBlockShared = true;
}

SeriesView Series::view() const {
    SeriesView view;
    const std::lock_guard lock(m_impl->mutex);
    view.m_blocks = m_impl->blocks;
    view.m_length = m_impl->length;
    view.m_channels = m_impl->channels;
    view.m_generation = m_impl->generation;
    view.m_dtype = m_impl->dtype;
    return view;
}

}  // namespace bnstudio
