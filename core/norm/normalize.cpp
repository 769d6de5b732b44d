// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/normalize.h"

#include "core/norm/chunks.h"

#include <cmath>

namespace bnstudio {

namespace {

template <class T>
void normalizeFor(const T* x, BatchShape shape, const std::vector<ChannelTransform>& transforms, T* y) {
    const ChunkLayout layout(shape);
    forEachTask(layout, [&](std::int64_t chunk, std::int64_t block) {
        LaneValues mean, meanLow, invstd, weight, bias;
        mean.fill(layout, block, [&](std::size_t c) { return transforms[c].mean; });
        meanLow.fill(layout, block, [&](std::size_t c) { return transforms[c].meanLow; });
        invstd.fill(layout, block, [&](std::size_t c) { return transforms[c].invstd; });
        weight.fill(layout, block, [&](std::size_t c) { return transforms[c].weight; });
        bias.fill(layout, block, [&](std::size_t c) { return transforms[c].bias; });
        const double *m = mean.data(), *low = meanLow.data(), *s = invstd.data(), *w = weight.data(), *b = bias.data();
        layout.walk(chunk, block, [&](std::int64_t offset, int width) {
            const T* in = x + offset;
            T* out = y + offset;
            for (int i = 0; i < width; ++i)  // ChannelTransform::y, a lane at a time
                out[i] = static_cast<T>(((static_cast<double>(in[i]) - m[i]) - low[i]) * s[i] * w[i] + b[i]);
        });
    });
}

}  // namespace

double inverseStd(double var, double eps) {
    const DoubleDouble sum = twoSum(var, eps);
    const double root = 1 / std::sqrt(sum.high);
    // One Newton step r + r·(1 − v·r²)/2 with the residual in double-double removes the roundings of sum, root and
    // quotient. Where a product leaves the range of a double (v below 1e-300) the plain value stays.
    const DoubleDouble square = twoProduct(root, root);
    const DoubleDouble product = twoProduct(sum.high, square.high);
    const double residual = (((1 - product.high) - product.low) - sum.high * square.low) - sum.low * square.high;
    const double better = root + 0.5 * root * residual;
    return std::isfinite(better) && std::fabs(residual) < 1e-10 ? better : root;
}

void normalize(const Tensor& x, const std::vector<ChannelTransform>& transforms, Tensor& y) {
    const BatchShape shape = BatchShape::of(x.shape());
    y.reshapeFor(x.dtype(), x.shape());
    if (x.dtype() == DType::Float32)
        normalizeFor(x.values<float>().data(), shape, transforms, y.values<float>().data());
    else
        normalizeFor(x.values<double>().data(), shape, transforms, y.values<double>().data());
}

}  // namespace bnstudio
