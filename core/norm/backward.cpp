// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/chunks.h"
#include "core/norm/normalize.h"

#include <type_traits>

namespace bnstudio {

// With x̂ = (x − mean)·invstd, S = Σdy and Q = Σdy·x̂ the gradients are (semantics 33, where P = Q/invstd)
//     ∂/∂β = S,   ∂/∂γ = Q,   ∂/∂x = (dy − S/n − x̂·Q/n)·invstd·γ;
// the two middle terms exist only where the batch's own statistics were used.

namespace {

/// Where a block's channels have their mean and scale.
struct LaneScales {
    LaneValues mean, meanLow, invstd;

    void fill(const ChunkLayout& layout, std::int64_t block, const std::vector<ChannelTransform>& transforms) {
        mean.fill(layout, block, [&](std::size_t c) { return transforms[c].mean; });
        meanLow.fill(layout, block, [&](std::size_t c) { return transforms[c].meanLow; });
        invstd.fill(layout, block, [&](std::size_t c) { return transforms[c].invstd; });
    }
};

template <class T>
struct AddGradients {
    const T* x;
    const T* dy;
    LaneScales scales;

    void operator()(PairSumLanes& lanes, std::int64_t offset, int width) const {
        const T *xs = x + offset, *gs = dy + offset;
        const double *m = scales.mean.data(), *low = scales.meanLow.data(), *s = scales.invstd.data();
        double *a = lanes.a.data(), *aLow = lanes.aLow.data(), *b = lanes.b.data(), *bLow = lanes.bLow.data();
        for (int i = 0; i < width; ++i) {
            const double g = static_cast<double>(gs[i]);
            const double product = g * (((static_cast<double>(xs[i]) - m[i]) - low[i]) * s[i]);
            if constexpr (std::is_same_v<T, float>) {  // a double has bits to spare
                a[i] += g;
                b[i] += product;
            } else {
                const DoubleDouble sumA = twoSum(a[i], g), sumB = twoSum(b[i], product);
                a[i] = sumA.high;
                aLow[i] += sumA.low;
                b[i] = sumB.high;
                bLow[i] += sumB.low;
            }
        }
    }
};

template <class T>
GradientSums sumGradientsFor(const T* x, const T* dy, BatchShape shape,
                             const std::vector<ChannelTransform>& transforms) {
    const ChunkLayout layout(shape);
    const std::vector<PairSum> sums = sumChannels(layout, [&](std::int64_t block) {
        AddGradients<T> body{x, dy, {}};
        body.scales.fill(layout, block, transforms);
        return body;
    });
    GradientSums result;
    for (const PairSum& sum : sums) {
        result.dy.push_back(sum.totalA());
        result.dyXhat.push_back(sum.totalB());
    }
    return result;
}

template <class T>
void gradientOfInputFor(const T* x, const T* dy, BatchShape shape, const std::vector<ChannelTransform>& transforms,
                        T* gradInput) {
    const ChunkLayout layout(shape);
    forEachTask(layout, [&](std::int64_t chunk, std::int64_t block) {
        LaneScales scales;
        scales.fill(layout, block, transforms);
        LaneValues weight, meanTerm, varTerm;
        weight.fill(layout, block, [&](std::size_t c) { return transforms[c].weight; });
        meanTerm.fill(layout, block, [&](std::size_t c) { return transforms[c].gradMeanTerm; });
        varTerm.fill(layout, block, [&](std::size_t c) { return transforms[c].gradVarTerm; });
        const double *m = scales.mean.data(), *low = scales.meanLow.data(), *s = scales.invstd.data();
        const double *w = weight.data(), *mt = meanTerm.data(), *vt = varTerm.data();
        layout.walk(chunk, block, [&](std::int64_t offset, int width) {
            const T *xs = x + offset, *gs = dy + offset;
            T* out = gradInput + offset;
            for (int i = 0; i < width; ++i) {  // ChannelTransform::gradInput, a lane at a time
                const double xhat = ((static_cast<double>(xs[i]) - m[i]) - low[i]) * s[i];
                const double varPart = vt[i] == 0 ? 0.0 : xhat * vt[i];
                out[i] = static_cast<T>((static_cast<double>(gs[i]) - mt[i] - varPart) * s[i] * w[i]);
            }
        });
    });
}

}  // namespace

GradientSums sumGradients(const Tensor& x, const Tensor& dy, const std::vector<ChannelTransform>& transforms) {
    const BatchShape shape = BatchShape::of(x.shape());
    return x.dtype() == DType::Float32
               ? sumGradientsFor(x.values<float>().data(), dy.values<float>().data(), shape, transforms)
               : sumGradientsFor(x.values<double>().data(), dy.values<double>().data(), shape, transforms);
}

void gradientOfInput(const Tensor& x, const Tensor& dy, const std::vector<ChannelTransform>& transforms,
                     Tensor& gradInput) {
    const BatchShape shape = BatchShape::of(x.shape());
    gradInput.reshapeFor(x.dtype(), x.shape());
    if (x.dtype() == DType::Float32)
        gradientOfInputFor(x.values<float>().data(), dy.values<float>().data(), shape, transforms,
                           gradInput.values<float>().data());
    else
        gradientOfInputFor(x.values<double>().data(), dy.values<double>().data(), shape, transforms,
                           gradInput.values<double>().data());
}

}  // namespace bnstudio
