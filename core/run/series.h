// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/dtype.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace bnstudio {

struct Snapshot;

/// Quantities with one value a channel and step. Absent values (no affine, a refused batch) are NaN.
enum class Quantity : std::uint8_t {
    BatchMean,
    BatchVar /* biased */,
    BatchVarUnbiased,
    RunningMean,
    RunningVar /* after the step */,
    Weight,
    Bias,
    GradWeight,
    GradBias,
    PopulationMean,
    PopulationVar,
    NonFinite /* values that are NaN or infinite */
};
inline constexpr int quantityCount = 12;

/// Quantities with one value a step.
enum class ScalarQuantity : std::uint8_t {
    Loss,
    Surprise,
    TrainMode /* 1 or 0 */,
    Refused /* 1 or 0 */,
    BatchesTracked,
    ValuesPerChannel
};
inline constexpr int scalarCount = 6;

/// A consistent look at a series: never changes, however far the writer goes on.
class SeriesView {
public:
    std::int64_t length() const { return m_length; }
    std::int64_t channels() const { return m_channels; }
    std::uint64_t generation() const { return m_generation; }  ///< changes when the past was recomputed
    /// Value of a quantity, NaN when the disk fails to give it back; 0 ≤ step < length, 0 ≤ channel < channels.
    double at(Quantity quantity, std::int64_t step, std::int64_t channel) const;
    double at(ScalarQuantity quantity, std::int64_t step) const;
    /// One channel's values of steps first … first + out.size() − 1.
    void column(Quantity quantity, std::int64_t channel, std::int64_t first, std::span<double> out) const;

private:
    friend class Series;
    struct Block;
    std::vector<std::shared_ptr<const Block>> m_blocks;
    std::int64_t m_length = 0, m_channels = 0;
    std::uint64_t m_generation = 0;
    DType m_dtype = DType::Float32;
};

/// Columns of one lane, never thinned: blocks of 64 steps; full blocks beyond the byte budget live in an unlinked file
/// in the cache folder, whose space is reserved before a block is begun, so that a full disk is an Error at that step.
/// One writer; view() may be called from any thread.
class Series {
public:
    /// @p hasPopulation: the population of the snapshots describes this lane's input, not another view of the batch.
    /// @p generation: the first one, so that a series that replaces another has a later one.
    Series(std::int64_t channels, DType dtype, std::size_t byteBudget, bool hasPopulation = true,
           std::uint64_t generation = 0);
    ~Series();
    /// Adds step length(); @p snapshot is of that step.
    void append(const Snapshot& snapshot, int lane);
    /// Forgets steps from @p length on; views taken before keep theirs.
    void truncate(std::int64_t length);
    SeriesView view() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace bnstudio
