// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/kernels/vector_types.h"

namespace bnstudio {
namespace {

// What follows from the sums of a channel. The loops run over channels and are written without branches, so that the
// compiler makes vectors of them; divisions and square roots are correctly rounded in either form.

/// a·b = high + low to about 106 bits, unless a product of halves leaves the range of a double.
BNSTUDIO_INLINE Pair<double> exactProduct(double a, double b) {
    const double product = a * b;
    const double aHigh = upperHalf(a), aLow = a - aHigh, bHigh = upperHalf(b), bLow = b - bHigh;
    return {product, ((aHigh * bHigh - product) + aHigh * bLow + aLow * bHigh) + aLow * bLow};
}

BNSTUDIO_INLINE bool isFinite(double v) {
    return v - v == 0;
}

/// With S = Σd and d = x − pivot:
///     mean = pivot + S/n,      Σ(x − mean)² = Σd² − S²/n.
/// Quotients and products keep what rounding takes from them, so that the difference is good for a double even where
/// the two terms agree in half of their digits. An infinity or NaN in the channel makes S infinite or NaN; the mean
/// is then what IEEE arithmetic says, the sum of squares NaN (semantics 31). A sum of squares that overflows is
/// infinite.
BNSTUDIO_INLINE void finishChannel(double n, double pivot, double a, double aLow, double b, double bLow, double& mean,
                                   double& meanLow, double& sumSquares, double& var) {
    const double nan = __builtin_nan("");
    const double quotient = a / n;
    const Pair<double> back = exactProduct(quotient, n);
    const double rest = (((a - back.high) - back.low) + aLow) / n;
    const double quotientLow = isFinite(rest) ? rest : 0.0;
    const Pair<double> shifted = exactSum(pivot, quotient);
    const bool finite = isFinite(shifted.high);
    const double low = shifted.low + quotientLow;
    const double high = shifted.high + low;
    mean = finite ? high : shifted.high;
    meanLow = finite ? low - (high - shifted.high) : 0.0;

    const Pair<double> product = exactProduct(quotient, a);  // S²/n = (S/n)·S
    const double productLow = product.low + (quotientLow * a + quotient * aLow);
    const Pair<double> difference = exactDifference(b, product.high);
    const double small = difference.low + (bLow - productLow);
    const double plain = difference.high + (isFinite(small) ? small : 0.0);
    const double positive = plain > 0 ? plain : 0.0;
    sumSquares = !finite ? nan : isFinite(b) ? positive : b;
    var = sumSquares / n;
}

void finishMoments(std::int64_t channels, double n, MomentTerms t) {
    if (t.aLow) {
        for (std::int64_t c = 0; c < channels; ++c)
            finishChannel(n, t.pivot[c], t.a[c], t.aLow[c], t.b[c], t.bLow[c], t.mean[c], t.meanLow[c], t.sumSquares[c],
                          t.var[c]);
        return;
    }
    for (std::int64_t c = 0; c < channels; ++c)
        finishChannel(n, t.pivot[c], t.a[c], 0.0, t.b[c], 0.0, t.mean[c], t.meanLow[c], t.sumSquares[c], t.var[c]);
}

/// One Newton step r + r·(1 − v·r²)/2 on r = 1/√v, with the residual kept to twice a double's digits, removes the
/// roundings of the sum, the root and the quotient. Where a product leaves the range of a double the plain value stays.
void inverseStd(std::int64_t channels, const double* var, double eps, double* invstd) {
    for (std::int64_t c = 0; c < channels; ++c) {
        const Pair<double> sum = exactSum(var[c], eps);
        const double root = 1 / __builtin_sqrt(sum.high);
        const Pair<double> square = exactProduct(root, root);
        const Pair<double> product = exactProduct(sum.high, square.high);
        const double residual = (((1 - product.high) - product.low) - sum.high * square.low) - sum.low * square.high;
        const double better = root + 0.5 * root * residual;
        const bool usable = residual < 1e-10 && residual > -1e-10;
        invstd[c] = usable ? better : root;
    }
}

/// (1 − f)·old + f·v/divisor: the factor's complement, both products and the sum keep their low parts, which are added
/// at the end. The low part of something infinite or NaN is meaningless; 0·NaN and 0·Inf poison as in PyTorch
/// (semantics 5).
BNSTUDIO_INLINE double blended(double old, double factor, Pair<double> keep, double value, double valueLow) {
    const Pair<double> kept = exactProduct(keep.high, old), added = exactProduct(factor, value);
    const Pair<double> sum = exactSum(kept.high, added.high);
    const double low = sum.low + (kept.low + keep.low * old) + (added.low + factor * valueLow);
    return isFinite(low) ? sum.high + low : sum.high;
}

void blend(std::int64_t channels, double* running, double factor, const double* value, const double* valueLow,
           double divisor, bool toFloat) {
    const Pair<double> keep = exactDifference(1.0, factor);
    if (valueLow)
        for (std::int64_t c = 0; c < channels; ++c)
            running[c] = blended(running[c], factor, keep, value[c] / divisor, valueLow[c] / divisor);
    else
        for (std::int64_t c = 0; c < channels; ++c)
            running[c] = blended(running[c], factor, keep, value[c] / divisor, 0.0);
    if (toFloat)
        for (std::int64_t c = 0; c < channels; ++c)
            running[c] = static_cast<double>(static_cast<float>(running[c]));
}

void slopes(std::int64_t channels, const double* invstd, const double* weight, double* slope) {
    for (std::int64_t c = 0; c < channels; ++c)
        slope[c] = weight ? invstd[c] * weight[c] : invstd[c];
}

}  // namespace
}  // namespace bnstudio
