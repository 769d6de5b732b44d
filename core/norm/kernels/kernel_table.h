// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bnstudio {

/// Lanes into which the values of one channel are dealt where they lie side by side: value i of a segment belongs to
/// lane i mod 16. Part of what fixes the order of sums, hence the same on every processor.
inline constexpr int lanesPerSegment = 16;

/// A tile of a batch as rows of neighbouring values; @p stride counts values from row to row.
struct Tile {
    std::ptrdiff_t stride;
    std::int64_t rows;
    std::int64_t width;
};

/// Segments of `length` values, one for each of `channels` channels, in every row.
struct Segments {
    std::ptrdiff_t stride, channelStride;
    std::int64_t rows;
    std::int64_t channels;
    std::int64_t length;
};

/// Two sums per lane with the parts that rounding would have lost. float32 needs no low parts: theirs are null.
struct LaneSums {
    double *a, *aLow, *b, *bLow;
};

/// Values below and above zero per lane; null when nobody asks.
struct LaneSigns {
    std::uint32_t *negative, *positive;
};

/// Per lane or channel: y = ((x − mean) − meanLow)·slope + bias. float32 has no meanLow: null.
struct AffineTerms {
    const double *mean, *meanLow, *slope, *bias;
};

/// Per lane or channel: grad_x = ((dy − meanTerm) − ((x − mean) − meanLow)·varTerm)·slope.
struct GradientTerms {
    const double *mean, *meanLow, *meanTerm, *varTerm, *slope;
};

/// Sums about a pivot, per channel, and what follows from them.
struct MomentTerms {
    const double *pivot, *a, *aLow, *b, *bLow;  ///< aLow and bLow may be null
    double *mean, *meanLow, *sumSquares, *var;
};

/// The sums of a backward pass, per channel, and what follows from them; see backward.cpp.
struct GradientResults {
    const double *a, *aLow, *b, *bLow;  ///< S = Σdy and P = Σdy·(x − mean); aLow and bLow may be null
    const double *invstd, *weight;      ///< weight may be null
    double *dy, *dyXhat, *meanTerm, *varTerm, *slope;
};

/// The kernels that read and write tensors of one element type.
template <class T>
struct TensorKernels {
    /// Adds Σ(x − pivot) to a and Σ(x − pivot)² to b, lane by lane, row after row.
    void (*addRows)(const T* x, Tile, const double* pivot, LaneSums, LaneSigns);
    /// The same for segments: a channel has one pivot and lanesPerSegment lanes.
    void (*addSegments)(const T* x, Segments, const double* pivot, LaneSums, LaneSigns);
    /// Adds Σdy to a and Σdy·((x − mean) − meanLow) to b.
    void (*addGradientRows)(const T* x, const T* dy, Tile, const double* mean, const double* meanLow, LaneSums);
    void (*addGradientSegments)(const T* x, const T* dy, Segments, const double* mean, const double* meanLow, LaneSums);
    /// With @p streamed rows must be whole cache lines; they are then written past the cache.
    void (*normalizeRows)(const T* x, T* y, Tile, AffineTerms, bool streamed);
    void (*normalizeSegments)(const T* x, T* y, Segments, AffineTerms, bool streamed);
    void (*gradientRows)(const T* x, const T* dy, T* out, Tile, GradientTerms, bool streamed);
    void (*gradientSegments)(const T* x, const T* dy, T* out, Segments, GradientTerms, bool streamed);
    /// out = dy·slope, for statistics that do not depend on the batch.
    void (*scaleRows)(const T* dy, T* out, Tile, const double* slope, bool streamed);
    void (*scaleSegments)(const T* dy, T* out, Segments, const double* slope, bool streamed);
};

/// All loops over values and over channels, compiled for one set of instructions. Every path does the same operations
/// on the same lanes in the same order, without fused products, so all give the same bits.
struct KernelTable {
    const char* name;   ///< "baseline", "avx2", "avx512"
    int registerBytes;  ///< width of the vector registers the compiler was allowed to use
    TensorKernels<float> float32;
    TensorKernels<double> float64;

    /// target += source for `count` lanes; the low parts may be null.
    void (*mergeSums)(std::int64_t count, LaneSums target, LaneSums source);
    /// Sums over the lanesPerSegment lanes of each channel, in a tree; the low parts may be null.
    void (*foldSegments)(std::int64_t channels, LaneSums lanes, LaneSums channelSums);
    /// mean = pivot + a/n and Σ(x − mean)² = b − a²/n, see channel_kernels.h.
    void (*finishMoments)(std::int64_t channels, double n, MomentTerms);
    /// dy = S, dyXhat = P·invstd, meanTerm = dy/n, varTerm = invstd·(dyXhat/n), slope = invstd·weight.
    void (*finishGradients)(std::int64_t channels, double n, GradientResults);
    /// invstd = 1/√(var + eps).
    void (*inverseStd)(std::int64_t channels, const double* var, double eps, double* invstd);
    /// running = (1 − factor)·running + factor·(value + valueLow)/divisor, rounded once, to float if @p toFloat; then
    /// valueLow is not looked at, and it may be null.
    void (*blend)(std::int64_t channels, double* running, double factor, const double* value, const double* valueLow,
                  double divisor, bool toFloat);
    /// slope = invstd·weight, where weight may be null.
    void (*slopes)(std::int64_t channels, const double* invstd, const double* weight, double* slope);

    /// How often kernels() chose this path.
    mutable std::atomic<std::uint64_t> uses{0};

    template <class T>
    const TensorKernels<T>& of() const;
};
template <>
inline const TensorKernels<float>& KernelTable::of<float>() const {
    return float32;
}
template <>
inline const TensorKernels<double>& KernelTable::of<double>() const {
    return float64;
}

/// The widest path this processor has, unless one is forced. Counts a use.
const KernelTable& kernels();
/// Every path this processor can run, narrowest first.
const std::vector<const KernelTable*>& availableKernels();

/// Forces a path for as long as it lives, for all threads: for tests and measurements. Not to be nested.
class ForcedKernels {
public:
    explicit ForcedKernels(const KernelTable& table);
    ~ForcedKernels();
    ForcedKernels(const ForcedKernels&) = delete;
    ForcedKernels& operator=(const ForcedKernels&) = delete;
};

}  // namespace bnstudio
