// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/kernels/vector_types.h"

namespace bnstudio {
namespace {

// What follows from the sums of a channel, a register of channels at a time. Divisions and square roots are correctly
// rounded in every set of instructions.

/// a·b = high + low to about 106 bits, unless a product of halves leaves the range of a double.
BNSTUDIO_INLINE Pair<Vec> exactProduct(Vec a, Vec b) {
    const Vec product = a * b;
    const Vec aHigh = upperHalf(a), aLow = a - aHigh, bHigh = upperHalf(b), bLow = b - bHigh;
    return {product, ((aHigh * bHigh - product) + aHigh * bLow + aLow * bHigh) + aLow * bLow};
}

/// Arrays of one value per channel, a register at a time: the last, partly filled one goes through copies.
class Channels {
public:
    explicit Channels(std::int64_t count) : m_count(count) {}
    template <class Body>
    BNSTUDIO_INLINE_MEMBER void each(Body body) const {
        std::int64_t c = 0;
        for (; c + vectorLanes <= m_count; c += vectorLanes)
            body([c](const double* p) { return load(p + c); }, [c](double* p, Vec v) { store(p + c, v); });
        const std::int64_t rest = m_count - c;
        if (rest == 0)
            return;
        const auto get = [c, rest](const double* p) {
            double lanes[vectorLanes] = {};
            for (std::int64_t i = 0; i < rest; ++i)
                lanes[i] = p[c + i];
            return load(lanes);
        };
        const auto put = [c, rest](double* p, Vec v) {
            for (std::int64_t i = 0; i < rest; ++i)
                p[c + i] = v[i];
        };
        body(get, put);
    }

private:
    std::int64_t m_count;
};

/// With S = Σd and d = x − pivot:
///     mean = pivot + S/n,      Σ(x − mean)² = Σd² − S²/n.
/// Quotients and products keep what rounding takes from them, so that the difference is good for a double even where
/// the two terms agree in half of their digits. An infinity or NaN in the channel makes S infinite or NaN; the mean
/// is then what IEEE arithmetic says, the sum of squares NaN (semantics 31). A sum of squares that overflows is
/// infinite.
void finishMoments(std::int64_t channels, double n, MomentTerms t) {
    const Vec count = all(n), nan = all(__builtin_nan("")), zero{};
    if (!t.aLow) {  // float32: plain doubles have digits enough
        Channels(channels).each([&](auto get, auto put) {
            const Vec pivot = get(t.pivot), a = get(t.a), b = get(t.b);
            const Vec quotient = a / count, mean = pivot + quotient;
            const Vec difference = b - quotient * a;
            const Vec positive = difference > 0 ? difference : zero;
            const Vec sumSquares = isFinite(mean) ? (isFinite(b) ? positive : b) : nan;
            put(t.mean, mean);
            put(t.meanLow, zero);
            put(t.sumSquares, sumSquares);
            put(t.var, sumSquares / count);
        });
        return;
    }
    Channels(channels).each([&](auto get, auto put) {
        const Vec pivot = get(t.pivot), a = get(t.a), b = get(t.b), aLow = get(t.aLow), bLow = get(t.bLow);
        const Vec quotient = a / count;
        const Pair<Vec> back = exactProduct(quotient, count);
        const Vec rest = (((a - back.high) - back.low) + aLow) / count;
        const Vec quotientLow = isFinite(rest) ? rest : zero;
        const Pair<Vec> shifted = exactSum(pivot, quotient);
        const Mask64 finite = isFinite(shifted.high);
        const Vec low = shifted.low + quotientLow;
        const Vec high = shifted.high + low;
        put(t.mean, finite ? high : shifted.high);
        put(t.meanLow, finite ? low - (high - shifted.high) : zero);

        const Pair<Vec> product = exactProduct(quotient, a);  // S²/n = (S/n)·S
        const Vec productLow = product.low + (quotientLow * a + quotient * aLow);
        const Pair<Vec> difference = exactDifference(b, product.high);
        const Vec small = difference.low + (bLow - productLow);
        const Vec plain = difference.high + (isFinite(small) ? small : zero);
        const Vec positive = plain > 0 ? plain : zero;
        const Vec sumSquares = finite ? (isFinite(b) ? positive : b) : nan;
        put(t.sumSquares, sumSquares);
        put(t.var, sumSquares / count);
    });
}

/// An overflowed or infinite sum makes its own low part NaN; the high part then is the answer.
void finishGradients(std::int64_t channels, double n, GradientResults r) {
    const Vec count = all(n);
    Channels(channels).each([&](auto get, auto put) {
        Vec s = get(r.a), p = get(r.b);
        if (r.aLow) {
            s = isFinite(s) ? s + get(r.aLow) : s;
            p = isFinite(p) ? p + get(r.bLow) : p;
        }
        const Vec invstd = get(r.invstd), q = p * invstd;
        put(r.dy, s);
        put(r.dyXhat, q);
        put(r.meanTerm, s / count);
        put(r.varTerm, invstd * (q / count));
        put(r.slope, r.weight ? invstd * get(r.weight) : invstd);
    });
}

/// One Newton step r + r·(1 − v·r²)/2 on r = 1/√v, with the residual kept to twice a double's digits, removes the
/// roundings of the sum, the root and the quotient. Where a product leaves the range of a double the plain value stays.
void inverseStd(std::int64_t channels, const double* var, double eps, double* invstd) {
    const Vec one = all(1), half = all(0.5), added = all(eps);
    Channels(channels).each([&](auto get, auto put) {
        const Pair<Vec> sum = exactSum(get(var), added);
        const Vec root = one / squareRoot(sum.high);
        const Pair<Vec> square = exactProduct(root, root);
        const Pair<Vec> product = exactProduct(sum.high, square.high);
        const Vec residual = (((one - product.high) - product.low) - sum.high * square.low) - sum.low * square.high;
        const Mask64 usable = (residual < 1e-10) & (residual > -1e-10);
        put(invstd, usable ? root + half * root * residual : root);
    });
}

/// (1 − f)·old + f·v/divisor: the factor's complement, both products and the sum keep their low parts, which are added
/// at the end, unless the result is rounded to float anyway. The low part of something infinite or NaN is meaningless; 0·NaN and 0·Inf poison as in PyTorch
/// (semantics 5).
void blend(std::int64_t channels, double* running, double factor, const double* value, const double* valueLow,
           double divisor, bool toFloat) {
    const Pair<Vec> keep = exactDifference(all(1.0), all(factor));
    const Vec share = all(factor), by = all(divisor), zero{};
    if (toFloat) {  // 29 bits to spare: nothing to keep
        const Vec scaled = share / by;
        Channels(channels).each([&](auto get, auto put) {
            const Vec blended = keep.high * get(running) + scaled * get(value);
            put(running, __builtin_convertvector(__builtin_convertvector(blended, FloatVec), Vec));
        });
        return;
    }
    Channels(channels).each([&](auto get, auto put) {
        const Vec old = get(running), low = valueLow ? get(valueLow) / by : zero;
        const Pair<Vec> kept = exactProduct(keep.high, old), added = exactProduct(share, get(value) / by);
        const Pair<Vec> sum = exactSum(kept.high, added.high);
        const Vec rest = sum.low + (kept.low + keep.low * old) + (added.low + share * low);
        put(running, isFinite(rest) ? sum.high + rest : sum.high);
    });
}

void slopes(std::int64_t channels, const double* invstd, const double* weight, double* slope) {
    Channels(channels).each([&](auto get, auto put) { put(slope, weight ? get(invstd) * get(weight) : get(invstd)); });
}

}  // namespace
}  // namespace bnstudio
