// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/moments.h"

#include "core/error.h"
#include "core/norm/chunks.h"

#include <cmath>
#include <limits>

namespace bnstudio {

// Sums are taken of d = x − pivot, with one pivot per channel that all chunks share:
//     mean = pivot + Σd/n,     Σ(x − mean)² = Σd² − (Σd)²/n.
// The subtraction is harmless while the pivot is close to the mean; where (mean − pivot)² > 4·var the sums are taken
// once more with the mean as pivot. For Float32 the sums are plain doubles: 29 spare bits outlast any batch. For
// Float64 there are no spare bits, so a first pass of plain sums only finds the mean roughly, and a second one about that
// mean, run for every channel that is not constant, keeps the rounding error of every operation in a low part.

namespace {

template <class T>
struct AddDeviations {
    const T* values;
    LaneValues pivot;

    void operator()(PairSumLanes& lanes, std::int64_t offset, int width) const {
        const T* x = values + offset;
        const double* p = pivot.data();
        double* sum = lanes.a.data();
        double* squares = lanes.b.data();
        for (int i = 0; i < width; ++i) {
            const double d = static_cast<double>(x[i]) - p[i];
            sum[i] += d;
            squares[i] += d * d;
        }
    }
};

struct AddDeviationsExactly {
    const double* values;
    LaneValues pivot;

    void operator()(PairSumLanes& lanes, std::int64_t offset, int width) const {
        const double* x = values + offset;
        const double* p = pivot.data();
        double *sum = lanes.a.data(), *sumLow = lanes.aLow.data();
        double *squares = lanes.b.data(), *squaresLow = lanes.bLow.data();
        for (int i = 0; i < width; ++i) {
            const DoubleDouble d = twoDifference(x[i], p[i]);
            const DoubleDouble newSum = twoSum(sum[i], d.high);
            sum[i] = newSum.high;
            sumLow[i] += newSum.low + d.low;
            // (d.high + d.low)² without the last, negligible term
            const DoubleDouble square = twoProduct(d.high, d.high);
            const DoubleDouble newSquares = twoSum(squares[i], square.high);
            squares[i] = newSquares.high;
            squaresLow[i] += newSquares.low + (square.low + 2 * d.high * d.low);
        }
    }
};

template <class AddRow, class T>
std::vector<PairSum> sumDeviations(const ChunkLayout& layout, const T* values, const std::vector<double>& pivots,
                                   const std::vector<char>& wanted) {
    return sumChannels(
        layout,
        [&](std::int64_t block) {
            AddRow body{values, {}};
            body.pivot.fill(layout, block, [&](std::size_t c) { return pivots[c]; });
            return body;
        },
        [&](std::int64_t block) {
            const auto first = wanted.begin() + layout.firstChannel(block);
            return std::any_of(first, first + layout.channelsIn(block), [](char flag) { return flag != 0; });
        });
}

struct ChannelMoments {
    DoubleDouble mean;
    double sumSquares;
};

ChannelMoments momentsFromSums(double pivot, const PairSum& sums, double n) {
    const double delta = sums.totalA() / n;
    const DoubleDouble mean = twoSum(pivot, delta);
    if (!std::isfinite(mean.high))  // an infinity or NaN in the channel: semantics 31
        return {{pivot + delta, 0}, std::numeric_limits<double>::quiet_NaN()};
    // What the division left over, so that mean.high + mean.low is good beyond a double's precision.
    const DoubleDouble product = twoProduct(delta, n);
    const double rest = (((sums.a - product.high) - product.low) + sums.aLow) / n;
    // Below 1e-270 the errors of the squares underflow, and their sum is noise; the sum of squares itself is good.
    const double sumSquares = (sums.b - sums.totalA() * delta) + (sums.b > 1e-270 ? sums.bLow : 0);
    return {quickTwoSum(mean.high, mean.low + (std::isfinite(rest) ? rest : 0)),
            std::isfinite(sums.b) ? std::max(0.0, sumSquares) : sums.b};
}

template <class T>
bool needsSecondPass(double pivot, const ChannelMoments& moments, double n) {
    const double distance = moments.mean.high - pivot;
    if (!std::isfinite(moments.mean.high))
        return false;
    if constexpr (std::is_same_v<T, double>)
        return distance != 0 || moments.sumSquares != 0;
    return distance * distance > 4 * (moments.sumSquares / n);
}

template <class T>
std::vector<PairSum> sumsOfPass(int pass, const ChunkLayout& layout, const T* values, const std::vector<double>& pivots,
                                const std::vector<char>& wanted) {
    if constexpr (std::is_same_v<T, double>)
        if (pass > 0)
            return sumDeviations<AddDeviationsExactly>(layout, values, pivots, wanted);
    return sumDeviations<AddDeviations<T>>(layout, values, pivots, wanted);
}

/// The first value of each channel: zero distance for a constant channel, and usually close enough for any other.
template <class T>
std::vector<double> firstValues(const T* values, BatchShape shape) {
    std::vector<double> pivots(static_cast<std::size_t>(shape.c), 0.0);
    for (std::size_t c = 0; c < pivots.size(); ++c) {
        const double first = static_cast<double>(values[static_cast<std::int64_t>(c) * shape.l]);
        if (std::isfinite(first))
            pivots[c] = first;
    }
    return pivots;
}

template <class T>
Moments computeFor(const T* values, BatchShape shape) {
    const ChunkLayout layout(shape);
    const std::size_t channels = static_cast<std::size_t>(shape.c);
    Moments result;
    result.valuesPerChannel = shape.valuesPerChannel();
    const double absent = std::numeric_limits<double>::quiet_NaN();
    result.mean.assign(channels, absent);
    result.meanLow.assign(channels, 0.0);
    result.var.assign(channels, absent);
    result.sumSquares.assign(channels, absent);
    if (result.valuesPerChannel == 0)
        return result;

    const double n = static_cast<double>(result.valuesPerChannel);
    std::vector<double> pivots = firstValues(values, shape);
    std::vector<char> again(channels, 1);
    for (int pass = 0; pass < 2 && std::find(again.begin(), again.end(), 1) != again.end(); ++pass) {
        const std::vector<PairSum> sums = sumsOfPass(pass, layout, values, pivots, again);
        for (std::size_t c = 0; c < channels; ++c) {
            if (!again[c])
                continue;
            const ChannelMoments moments = momentsFromSums(pivots[c], sums[c], n);
            result.mean[c] = moments.mean.high;
            result.meanLow[c] = moments.mean.low;
            result.sumSquares[c] = moments.sumSquares;
            result.var[c] = moments.sumSquares / n;
            again[c] = needsSecondPass<T>(pivots[c], moments, n) ? 1 : 0;
            if (again[c])
                pivots[c] = moments.mean.high;
        }
    }
    return result;
}

}  // namespace

Moments computeMoments(const Tensor& batch) {
    if ((batch.rank() != 2 && batch.rank() != 3) || !isLayerDType(batch.dtype()))
        throw Error(ErrorCode::Usage, "moments need a float32 or float64 batch of shape (N, C) or (N, C, L), not "
                                          + std::string(name(batch.dtype())) + " of shape " + shapeText(batch.shape()));
    const BatchShape shape = BatchShape::of(batch.shape());
    return batch.dtype() == DType::Float32 ? computeFor(batch.values<float>().data(), shape)
                                           : computeFor(batch.values<double>().data(), shape);
}

}  // namespace bnstudio
