// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/moments.h"

#include "core/error.h"
#include "core/norm/double_double.h"
#include "core/norm/lane_sums.h"
#include "core/norm/normalize.h"
#include "core/standard_arithmetic.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bnstudio {

// Sums are taken of d = x − pivot, with one pivot per channel that all chunks share; mean and variance follow from them
// as channel_kernels.h says. With z = (mean − pivot)/std the difference Σd² − S²/n loses log₂(1 + z²) bits. float32
// sums are plain doubles with 29 spare bits, float64 sums have 53 bits in their low parts. The pivot is the channel's
// first value, which makes a constant channel exact and z small for nearly every other; where z is beyond the limit
// below, the sums are taken once more about the mean.

namespace {

/// Leaves 19 of float32's 29 spare bits, and 17 of float64's 53. A pivot that is one of n values is never further away
/// than z² = n − 1.
template <class T>
constexpr double largestSquaredDistance = sizeof(T) == sizeof(float) ? 0x1p10 : 0x1p36;

/// Squares this small lie where doubles have fewer digits.
constexpr double smallestSumSquares = 1e-270;

/// Σ(x − mean)² of one channel whose squares underflow: of deviations multiplied by 2^600.
template <class T>
double tinySumSquares(const T* x, BatchShape shape, std::int64_t channel, double mean, double meanLow) {
    DoubleDouble sum;
    for (std::int64_t n = 0; n < shape.n; ++n)
        for (std::int64_t l = 0; l < shape.l; ++l) {
            const double value = static_cast<double>(x[(n * shape.c + channel) * shape.l + l]);
            const double d = ((value - mean) - meanLow) * 0x1p600;
            const DoubleDouble next = twoSum(sum.high, d * d);
            sum = {next.high, sum.low + next.low};
        }
    return (sum.high + sum.low) * 0x1p-600 * 0x1p-600;
}

template <class T>
class MomentsPass {
public:
    MomentsPass(const Tensor& x, Moments& moments, bool signs, bool readsTwice)
        : m_kernels(kernels()),
          m_x(x.values<T>().data()),
          m_layout(BatchShape::of(x.shape())),
          m_partition(m_layout, sizeof(T), readsTwice),
          m_n(static_cast<double>(m_layout.shape().valuesPerChannel())),
          m_moments(moments),
          m_pivots(m_scratch.doubles(m_layout.shape().c)),
          m_sums(ChannelSums::make(m_scratch, m_layout.shape().c, sizeof(T) == sizeof(double), signs)) {
        takeFirstValues();
    }

    const KernelTable& kernelTable() const { return m_kernels; }
    const BatchLayout& layout() const { return m_layout; }
    const Partition& partition() const { return m_partition; }
    const ChannelSums& sums() const { return m_sums; }
    Scratch& scratch() { return m_scratch; }

    /// @p afterGroup is called where a group's moments are complete while its values may still be in a cache; returns
    /// whether that was done.
    bool run(const std::function<void(const TaskRange&)>& afterGroup = {}) {
        const AddChunk add = [this](std::int64_t chunk, std::int64_t firstChannel, std::int64_t channels, LaneSums sums,
                                    LaneSigns signs) {
            const T* x = m_x + m_layout.offset(chunk, firstChannel);
            const TensorKernels<T>& of = m_kernels.of<T>();
            if (m_layout.inSegments()) {
                of.addSegments(x, m_layout.segments(chunk, channels), m_pivots + firstChannel, sums, signs);
            } else {
                of.addRows(x, m_layout.tile(chunk, channels), lanePivots(firstChannel), sums, signs);
            }
        };
        spreadPivots();
        if (m_partition.runs == 1) {
            sumChannels(m_kernels, m_layout, m_partition, add, m_sums, [&](const TaskRange& task) {
                if (finish(task.firstChannel, task.channels)) {
                    spreadPivots(task.firstChannel, task.channels);
                    sumGroup(m_kernels, m_layout, task, add, m_sums);
                    finish(task.firstChannel, task.channels);
                }
                if (afterGroup)
                    afterGroup(task);
            });
            return true;
        }
        sumChannels(m_kernels, m_layout, m_partition, add, m_sums);
        const std::int64_t channels = m_layout.shape().c;
        if (finish(0, channels)) {
            spreadPivots();
            sumChannels(m_kernels, m_layout, m_partition, add, m_sums);
            finish(0, channels);
        }
        return false;
    }

private:
    void takeFirstValues() {
        const std::int64_t length = m_layout.shape().l;
        for (std::int64_t c = 0; c < m_layout.shape().c; ++c) {
            const double first = static_cast<double>(m_x[c * length]);
            m_pivots[c] = std::isfinite(first) ? first : 0.0;
        }
    }

    /// Where a row has several lanes for a channel, each needs the pivot.
    void spreadPivots() {
        const std::int64_t each = m_layout.lanesPerChannel();
        if (m_layout.inSegments() || each == 1)
            return;
        m_lanePivots = m_scratch.doubles(m_layout.shape().c * each);
        spreadPivots(0, m_layout.shape().c);
    }
    void spreadPivots(std::int64_t first, std::int64_t channels) {
        const std::int64_t each = m_layout.lanesPerChannel();
        if (m_lanePivots)
            for (std::int64_t c = first; c < first + channels; ++c)
                std::fill_n(m_lanePivots + c * each, each, m_pivots[c]);
    }
    const double* lanePivots(std::int64_t channel) const {
        return m_lanePivots ? m_lanePivots + channel * m_layout.lanesPerChannel() : m_pivots + channel;
    }

    /// Moments of some channels from their sums; true when the mean of one lies too far from its pivot, which then moves
    /// there.
    bool finish(std::int64_t first, std::int64_t channels) {
        const auto at = [first](double* p) { return p ? p + first : nullptr; };
        const LaneSums& s = m_sums.sums;
        m_kernels.finishMoments(channels, m_n,
                                {m_pivots + first, at(s.a), at(s.aLow), at(s.b), at(s.bLow),
                                 m_moments.mean.data() + first, m_moments.meanLow.data() + first,
                                 m_moments.sumSquares.data() + first, m_moments.var.data() + first});
        bool again = false;
        for (std::int64_t c = first; c < first + channels; ++c) {
            const auto i = static_cast<std::size_t>(c);
            const double distance = m_moments.mean[i] - m_pivots[c];
            if (distance * distance > largestSquaredDistance<T> * m_moments.var[i]) {
                again = true;
                m_pivots[c] = m_moments.mean[i];
            }
            if (sizeof(T) == sizeof(double) && m_moments.sumSquares[i] > 0
                && m_moments.sumSquares[i] < smallestSumSquares) {
                m_moments.sumSquares[i] =
                    tinySumSquares(m_x, m_layout.shape(), c, m_moments.mean[i], m_moments.meanLow[i]);
                m_moments.var[i] = m_moments.sumSquares[i] / m_n;
            }
        }
        return again;
    }

    const KernelTable& m_kernels;
    const T* m_x;
    BatchLayout m_layout;
    Partition m_partition;
    double m_n;
    Moments& m_moments;
    Scratch m_scratch;
    double* m_pivots;
    double* m_lanePivots = nullptr;
    ChannelSums m_sums;
};

/// @return false when there is nothing to compute.
bool prepare(const Tensor& batch, Moments& moments) {
    if ((batch.rank() != 2 && batch.rank() != 3) || !isLayerDType(batch.dtype()))
        throw Error(ErrorCode::Usage, "moments need a float32 or float64 batch of shape (N, C) or (N, C, L), not "
                                          + std::string(name(batch.dtype())) + " of shape " + shapeText(batch.shape()));
    const BatchShape shape = BatchShape::of(batch.shape());
    const auto channels = static_cast<std::size_t>(shape.c);
    moments.valuesPerChannel = shape.valuesPerChannel();
    moments.meanLow.assign(channels, 0.0);
    const double absent = std::numeric_limits<double>::quiet_NaN();
    for (std::vector<double>* values : {&moments.mean, &moments.var, &moments.sumSquares}) {
        values->resize(channels);
        if (moments.valuesPerChannel == 0)
            std::fill(values->begin(), values->end(), absent);
    }
    return batch.size() > 0;
}

/// From the signs, where all values are finite: a finite sum of squares has no others in it.
bool healthFromSigns(const Moments& moments, const ChannelSums& sums, std::vector<HealthCounts>& health) {
    const auto n = static_cast<std::uint32_t>(moments.valuesPerChannel);
    health.assign(moments.mean.size(), {});
    for (std::size_t c = 0; c < health.size(); ++c) {
        if (!std::isfinite(sums.sums.b[c]))
            return false;
        HealthCounts& counts = health[c];
        counts.negative = sums.signs.negative[c];
        counts.positive = sums.signs.positive[c];
        counts.zero = n - counts.negative - counts.positive;
    }
    return true;
}

template <class T>
void computeFor(const Tensor& batch, Moments& moments, std::vector<HealthCounts>* health) {
    MomentsPass<T> pass(batch, moments, health != nullptr, false);
    pass.run();
    if (health && !healthFromSigns(moments, pass.sums(), *health))
        *health = countHealth(batch);
}

template <class T>
void normalizeFor(const Tensor& x, double eps, const double* weight, const double* bias, Moments& moments,
                  std::vector<double>& invstd, Tensor& y) {
    MomentsPass<T> pass(x, moments, false, true);
    const NormalizePass<T> second(pass.layout(), pass.partition(), pass.kernelTable(), pass.scratch(), x, y);
    const auto prepareGroup = [&](std::int64_t first, std::int64_t channels) {
        const auto at = static_cast<std::size_t>(first);
        batchInverseStd(pass.kernelTable(), channels, static_cast<double>(moments.valuesPerChannel),
                        moments.var.data() + at, moments.sumSquares.data() + at, eps, invstd.data() + at);
        second.setTerms(first, channels, moments.mean.data() + at, moments.meanLow.data() + at, invstd.data() + at,
                        weight ? weight + at : nullptr, bias ? bias + at : nullptr);
    };
    const bool done = pass.run([&](const TaskRange& task) {
        prepareGroup(task.firstChannel, task.channels);
        second.run(task);
    });
    if (done)
        return;
    prepareGroup(0, pass.layout().shape().c);
    forEachTaskBackwards(pass.layout(), pass.partition(), [&](const TaskRange& task) { second.run(task); });
}

}  // namespace

void computeMoments(const Tensor& batch, Moments& moments, std::vector<HealthCounts>* health) {
    const StandardArithmetic arithmetic;
    if (!prepare(batch, moments)) {
        if (health)
            health->assign(moments.mean.size(), {});
        return;
    }
    if (batch.dtype() == DType::Float32)
        computeFor<float>(batch, moments, health);
    else
        computeFor<double>(batch, moments, health);
}

Moments computeMoments(const Tensor& batch) {
    Moments moments;
    computeMoments(batch, moments);
    return moments;
}

void normalizeWithBatchStatistics(const Tensor& x, double eps, const double* weight, const double* bias,
                                  Moments& moments, std::vector<double>& invstd, Tensor& y) {
    y.reshapeFor(x.dtype(), x.shape());
    invstd.resize(static_cast<std::size_t>(x.shape()[1]));
    if (!prepare(x, moments))
        return;
    if (x.dtype() == DType::Float32)
        normalizeFor<float>(x, eps, weight, bias, moments, invstd, y);
    else
        normalizeFor<double>(x, eps, weight, bias, moments, invstd, y);
}

}  // namespace bnstudio
