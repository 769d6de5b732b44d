// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/kernels/vector_types.h"

namespace bnstudio {
namespace {

// Sums of d = x − pivot and of d². For float a double has 29 bits to spare. For double every operation keeps its rounding
// error: d is exact as high + low, and with h the upper half of high's mantissa and l the rest
//     d² = h² + (h + high)·l + 2·high·low (+ low²),
// where h² is exact and the other terms are so much smaller that their own rounding does not matter.

/// Two sums of one lane, or of a register of lanes.
template <class T, class V>
struct Accumulator;

template <class V>
struct Accumulator<float, V> {
    V a, b;

    BNSTUDIO_INLINE_MEMBER void addDeviation(V x, V pivot) {
        const V d = x - pivot;
        a += d;
        b += d * d;
    }
    BNSTUDIO_INLINE_MEMBER void addGradient(V x, V dy, V mean, V) {
        a += dy;
        b += dy * (x - mean);
    }
};

template <class V>
struct Accumulator<double, V> {
    V a, b, aLow, bLow;

    BNSTUDIO_INLINE_MEMBER void addDeviation(V x, V pivot) {
        const Pair<V> d = exactDifference(x, pivot);
        const Pair<V> sum = exactSum(a, d.high);
        a = sum.high;
        aLow += sum.low + d.low;
        const V h = upperHalf(d.high), l = d.high - h;
        const Pair<V> squares = exactSum(b, h * h);
        b = squares.high;
        bLow += squares.low + ((h + d.high) * l + (d.high + d.high) * d.low);
    }
    BNSTUDIO_INLINE_MEMBER void addGradient(V x, V dy, V mean, V meanLow) {
        const Pair<V> sum = exactSum(a, dy);
        a = sum.high;
        aLow += sum.low;
        const Pair<V> products = exactSum(b, dy * ((x - mean) - meanLow));
        b = products.high;
        bLow += products.low;
    }
};

BNSTUDIO_INLINE Accumulator<float, Vec> loadSums(const LaneSums& s, std::int64_t at, const float*) {
    return {load(s.a + at), load(s.b + at)};
}
BNSTUDIO_INLINE Accumulator<double, Vec> loadSums(const LaneSums& s, std::int64_t at, const double*) {
    return {load(s.a + at), load(s.b + at), load(s.aLow + at), load(s.bLow + at)};
}
BNSTUDIO_INLINE Accumulator<float, double> loadSum(const LaneSums& s, std::int64_t at, const float*) {
    return {s.a[at], s.b[at]};
}
BNSTUDIO_INLINE Accumulator<double, double> loadSum(const LaneSums& s, std::int64_t at, const double*) {
    return {s.a[at], s.b[at], s.aLow[at], s.bLow[at]};
}
BNSTUDIO_INLINE void storeSums(const LaneSums& s, std::int64_t at, const Accumulator<float, Vec>& sums) {
    store(s.a + at, sums.a);
    store(s.b + at, sums.b);
}
BNSTUDIO_INLINE void storeSums(const LaneSums& s, std::int64_t at, const Accumulator<double, Vec>& sums) {
    store(s.a + at, sums.a);
    store(s.b + at, sums.b);
    store(s.aLow + at, sums.aLow);
    store(s.bLow + at, sums.bLow);
}
BNSTUDIO_INLINE void storeSum(const LaneSums& s, std::int64_t at, const Accumulator<float, double>& sums) {
    s.a[at] = sums.a;
    s.b[at] = sums.b;
}
BNSTUDIO_INLINE void storeSum(const LaneSums& s, std::int64_t at, const Accumulator<double, double>& sums) {
    s.a[at] = sums.a;
    s.b[at] = sums.b;
    s.aLow[at] = sums.aLow;
    s.bLow[at] = sums.bLow;
}

/// Registers that work side by side: enough to hide the latency of an addition, few enough for the register file.
template <class T>
constexpr int registersAbreast = sizeof(T) == sizeof(float) ? 4 : 2;
/// Rows between loading and storing a lane's sums.
constexpr std::int64_t rowsAtOnce = 4;

/// `count` registers of lanes, starting at `lane`, over `rows` rows; signs are counted where `signs` says so.
template <class T, int count, bool signs>
BNSTUDIO_INLINE void addRowBlock(const T* x, std::ptrdiff_t stride, std::int64_t rows, std::int64_t lane,
                                 const double* pivot, const LaneSums& sums, const LaneSigns& counters) {
    typedef typename MaskFor<T>::Type Mask;
    Accumulator<T, Vec> sum[count];
    Vec p[count];
    Mask negative[count], positive[count];
#pragma GCC unroll 4
    for (int k = 0; k < count; ++k) {
        sum[k] = loadSums(sums, lane + k * vectorLanes, x);
        p[k] = load(pivot + lane + k * vectorLanes);
        negative[k] = positive[k] = Mask{};
    }
    for (std::int64_t r = 0; r < rows; ++r) {
        const T* row = x + r * stride + lane;
        prefetch(row + rowsAtOnce * stride, count);
#pragma GCC unroll 4
        for (int k = 0; k < count; ++k) {
            sum[k].addDeviation(load(row + k * vectorLanes), p[k]);
            if (signs) {
                negative[k] += below(row + k * vectorLanes);
                positive[k] += above(row + k * vectorLanes);
            }
        }
    }
#pragma GCC unroll 4
    for (int k = 0; k < count; ++k) {
        storeSums(sums, lane + k * vectorLanes, sum[k]);
        if (signs) {
            addCounts(counters.negative + lane + k * vectorLanes, negative[k]);
            addCounts(counters.positive + lane + k * vectorLanes, positive[k]);
        }
    }
}

template <class T, bool signs>
BNSTUDIO_INLINE void addLastLanes(const T* x, std::ptrdiff_t stride, std::int64_t rows, std::int64_t lane,
                                  std::int64_t width, const double* pivot, const LaneSums& sums,
                                  const LaneSigns& counters) {
    for (; lane < width; ++lane) {
        Accumulator<T, double> sum = loadSum(sums, lane, x);
        for (std::int64_t r = 0; r < rows; ++r) {
            const T value = x[r * stride + lane];
            sum.addDeviation(static_cast<double>(value), pivot[lane]);
            if (signs) {
                counters.negative[lane] += value < 0;
                counters.positive[lane] += value > 0;
            }
        }
        storeSum(sums, lane, sum);
    }
}

template <class T, bool signs>
BNSTUDIO_INLINE void addRowsCounting(const T* x, Tile tile, const double* pivot, const LaneSums& sums,
                                     const LaneSigns& counters) {
    constexpr int abreast = registersAbreast<T>;
    for (std::int64_t r = 0; r < tile.rows; r += rowsAtOnce) {
        const std::int64_t rows = tile.rows - r < rowsAtOnce ? tile.rows - r : rowsAtOnce;
        const T* first = x + r * tile.stride;
        std::int64_t lane = 0;
        for (; lane + abreast * vectorLanes <= tile.width; lane += abreast * vectorLanes)
            addRowBlock<T, abreast, signs>(first, tile.stride, rows, lane, pivot, sums, counters);
        for (; lane + vectorLanes <= tile.width; lane += vectorLanes)
            addRowBlock<T, 1, signs>(first, tile.stride, rows, lane, pivot, sums, counters);
        addLastLanes<T, signs>(first, tile.stride, rows, lane, tile.width, pivot, sums, counters);
    }
}

template <class T>
void addRows(const T* x, Tile tile, const double* pivot, LaneSums sums, LaneSigns counters) {
    if (counters.negative)
        addRowsCounting<T, true>(x, tile, pivot, sums, counters);
    else
        addRowsCounting<T, false>(x, tile, pivot, sums, counters);
}

constexpr int registersPerSegment = lanesPerSegment / vectorLanes;

BNSTUDIO_INLINE LaneSums at(LaneSums sums, std::int64_t offset) {
    return {sums.a + offset, sums.aLow ? sums.aLow + offset : nullptr, sums.b + offset,
            sums.bLow ? sums.bLow + offset : nullptr};
}

/// One segment into its sixteen lanes.
template <class T, bool signs>
BNSTUDIO_INLINE void addSegment(const T* x, std::ptrdiff_t stride, std::int64_t length, double pivot,
                                const LaneSums& sums, const LaneSigns& counters) {
    typedef typename MaskFor<T>::Type Mask;
    const Vec p = all(pivot);
    Accumulator<T, Vec> sum[registersPerSegment];
    Mask negative[registersPerSegment], positive[registersPerSegment];
#pragma GCC unroll 8
    for (int k = 0; k < registersPerSegment; ++k) {
        sum[k] = loadSums(sums, k * vectorLanes, x);
        negative[k] = positive[k] = Mask{};
    }
    std::int64_t i = 0;
    for (; i + lanesPerSegment <= length; i += lanesPerSegment) {
        prefetch(x + stride + i, registersPerSegment);
#pragma GCC unroll 8
        for (int k = 0; k < registersPerSegment; ++k) {
            sum[k].addDeviation(load(x + i + k * vectorLanes), p);
            if (signs) {
                negative[k] += below(x + i + k * vectorLanes);
                positive[k] += above(x + i + k * vectorLanes);
            }
        }
    }
#pragma GCC unroll 8
    for (int k = 0; k < registersPerSegment; ++k) {
        storeSums(sums, k * vectorLanes, sum[k]);
        if (signs) {
            addCounts(counters.negative + k * vectorLanes, negative[k]);
            addCounts(counters.positive + k * vectorLanes, positive[k]);
        }
    }
    for (int lane = 0; i < length; ++i, ++lane) {
        Accumulator<T, double> last = loadSum(sums, lane, x);
        last.addDeviation(static_cast<double>(x[i]), pivot);
        storeSum(sums, lane, last);
        if (signs) {
            counters.negative[lane] += x[i] < 0;
            counters.positive[lane] += x[i] > 0;
        }
    }
}

template <class T, bool signs>
BNSTUDIO_INLINE void addSegmentsCounting(const T* x, Segments s, const double* pivot, const LaneSums& sums,
                                         const LaneSigns& counters) {
    for (std::int64_t r = 0; r < s.rows; ++r)
        for (std::int64_t c = 0; c < s.channels; ++c) {
            const std::int64_t lane = c * lanesPerSegment;
            const LaneSigns own = signs ? LaneSigns{counters.negative + lane, counters.positive + lane} : LaneSigns{};
            addSegment<T, signs>(x + r * s.stride + c * s.channelStride, s.stride, s.length, pivot[c], at(sums, lane),
                                 own);
        }
}

template <class T>
void addSegments(const T* x, Segments segments, const double* pivot, LaneSums sums, LaneSigns counters) {
    if (counters.negative)
        addSegmentsCounting<T, true>(x, segments, pivot, sums, counters);
    else
        addSegmentsCounting<T, false>(x, segments, pivot, sums, counters);
}

BNSTUDIO_INLINE Vec lowPart(const double* low, std::int64_t lane, const double*) {
    return load(low + lane);
}
BNSTUDIO_INLINE Vec lowPart(const double*, std::int64_t, const float*) {
    return Vec{};
}

template <class T, int count>
BNSTUDIO_INLINE void addGradientBlock(const T* x, const T* dy, std::ptrdiff_t stride, std::int64_t rows,
                                      std::int64_t lane, const double* mean, const double* meanLow,
                                      const LaneSums& sums) {
    Accumulator<T, Vec> sum[count];
    Vec m[count], low[count];
#pragma GCC unroll 4
    for (int k = 0; k < count; ++k) {
        sum[k] = loadSums(sums, lane + k * vectorLanes, x);
        m[k] = load(mean + lane + k * vectorLanes);
        low[k] = lowPart(meanLow, lane + k * vectorLanes, x);
    }
    for (std::int64_t r = 0; r < rows; ++r) {
        const std::int64_t offset = r * stride + lane;
        prefetch(x + offset + rowsAtOnce * stride, count);
        prefetch(dy + offset + rowsAtOnce * stride, count);
#pragma GCC unroll 4
        for (int k = 0; k < count; ++k)
            sum[k].addGradient(load(x + offset + k * vectorLanes), load(dy + offset + k * vectorLanes), m[k], low[k]);
    }
#pragma GCC unroll 4
    for (int k = 0; k < count; ++k)
        storeSums(sums, lane + k * vectorLanes, sum[k]);
}

template <class T>
void addGradientRows(const T* x, const T* dy, Tile tile, const double* mean, const double* meanLow, LaneSums sums) {
    constexpr int abreast = registersAbreast<T>;
    for (std::int64_t r = 0; r < tile.rows; r += rowsAtOnce) {
        const std::int64_t rows = tile.rows - r < rowsAtOnce ? tile.rows - r : rowsAtOnce;
        const T *xs = x + r * tile.stride, *gs = dy + r * tile.stride;
        std::int64_t lane = 0;
        for (; lane + abreast * vectorLanes <= tile.width; lane += abreast * vectorLanes)
            addGradientBlock<T, abreast>(xs, gs, tile.stride, rows, lane, mean, meanLow, sums);
        for (; lane + vectorLanes <= tile.width; lane += vectorLanes)
            addGradientBlock<T, 1>(xs, gs, tile.stride, rows, lane, mean, meanLow, sums);
        for (; lane < tile.width; ++lane) {
            Accumulator<T, double> sum = loadSum(sums, lane, x);
            for (std::int64_t i = 0; i < rows; ++i)
                sum.addGradient(static_cast<double>(xs[i * tile.stride + lane]),
                                static_cast<double>(gs[i * tile.stride + lane]), mean[lane],
                                meanLow ? meanLow[lane] : 0.0);
            storeSum(sums, lane, sum);
        }
    }
}

template <class T>
BNSTUDIO_INLINE void addGradientSegment(const T* x, const T* dy, std::ptrdiff_t stride, std::int64_t length,
                                        double mean, double meanLow, const LaneSums& sums) {
    const Vec m = all(mean), low = all(meanLow);
    Accumulator<T, Vec> sum[registersPerSegment];
#pragma GCC unroll 8
    for (int k = 0; k < registersPerSegment; ++k)
        sum[k] = loadSums(sums, k * vectorLanes, x);
    std::int64_t i = 0;
    for (; i + lanesPerSegment <= length; i += lanesPerSegment) {
        prefetch(x + stride + i, registersPerSegment);
        prefetch(dy + stride + i, registersPerSegment);
#pragma GCC unroll 8
        for (int k = 0; k < registersPerSegment; ++k)
            sum[k].addGradient(load(x + i + k * vectorLanes), load(dy + i + k * vectorLanes), m, low);
    }
#pragma GCC unroll 8
    for (int k = 0; k < registersPerSegment; ++k)
        storeSums(sums, k * vectorLanes, sum[k]);
    for (int lane = 0; i < length; ++i, ++lane) {
        Accumulator<T, double> last = loadSum(sums, lane, x);
        last.addGradient(static_cast<double>(x[i]), static_cast<double>(dy[i]), mean, meanLow);
        storeSum(sums, lane, last);
    }
}

template <class T>
void addGradientSegments(const T* x, const T* dy, Segments s, const double* mean, const double* meanLow,
                         LaneSums sums) {
    for (std::int64_t r = 0; r < s.rows; ++r)
        for (std::int64_t c = 0; c < s.channels; ++c) {
            const std::int64_t offset = r * s.stride + c * s.channelStride;
            addGradientSegment(x + offset, dy + offset, s.stride, s.length, mean[c], meanLow ? meanLow[c] : 0.0,
                               at(sums, c * lanesPerSegment));
        }
}

void mergeSums(std::int64_t count, LaneSums target, LaneSums source) {
    if (!target.aLow) {
        for (std::int64_t i = 0; i < count; ++i)
            target.a[i] += source.a[i];
        for (std::int64_t i = 0; i < count; ++i)
            target.b[i] += source.b[i];
        return;
    }
    for (std::int64_t i = 0; i < count; ++i) {
        const Pair<double> sum = exactSum(target.a[i], source.a[i]);
        target.a[i] = sum.high;
        target.aLow[i] += source.aLow[i] + sum.low;
    }
    for (std::int64_t i = 0; i < count; ++i) {
        const Pair<double> sum = exactSum(target.b[i], source.b[i]);
        target.b[i] = sum.high;
        target.bLow[i] += source.bLow[i] + sum.low;
    }
}

BNSTUDIO_INLINE double folded(const double* lanes) {
    double sums[lanesPerSegment / 2];
    for (int i = 0; i < lanesPerSegment / 2; ++i)
        sums[i] = lanes[i] + lanes[i + lanesPerSegment / 2];
    for (int half = lanesPerSegment / 4; half > 0; half /= 2)
        for (int i = 0; i < half; ++i)
            sums[i] += sums[i + half];
    return sums[0];
}

BNSTUDIO_INLINE Pair<double> foldedExactly(const double* lanes, const double* lows) {
    Pair<double> sums[lanesPerSegment];
    for (int i = 0; i < lanesPerSegment; ++i)
        sums[i] = {lanes[i], lows[i]};
    for (int half = lanesPerSegment / 2; half > 0; half /= 2)
        for (int i = 0; i < half; ++i) {
            const Pair<double> sum = exactSum(sums[i].high, sums[i + half].high);
            sums[i] = {sum.high, sums[i].low + (sums[i + half].low + sum.low)};
        }
    return sums[0];
}

void foldSegments(std::int64_t channels, LaneSums lanes, LaneSums out) {
    for (std::int64_t c = 0; c < channels; ++c) {
        const LaneSums own = at(lanes, c * lanesPerSegment);
        if (!lanes.aLow) {
            out.a[c] = folded(own.a);
            out.b[c] = folded(own.b);
            continue;
        }
        const Pair<double> a = foldedExactly(own.a, own.aLow), b = foldedExactly(own.b, own.bLow);
        out.a[c] = a.high;
        out.aLow[c] = a.low;
        out.b[c] = b.high;
        out.bLow[c] = b.low;
    }
}

}  // namespace
}  // namespace bnstudio
