// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstdint>

/// Elementary functions with equal bits on every machine: + − × ÷, bit operations and fixed polynomials. They are
/// inline and free of branches so that the compiler can run the loops around them on vectors; a vectorised loop
/// rounds each operation exactly as the scalar one does.
///
/// The polynomials are plain Taylor series on intervals that are small enough for the first omitted term to lie
/// below 2⁻⁵⁴ of the result; their coefficients are the exact rational numbers, rounded by the compiler.
namespace bnstudio::portable {

inline std::uint64_t bitsOf(double x) {
    return std::bit_cast<std::uint64_t>(x);
}
inline double fromBits(std::uint64_t bits) {
    return std::bit_cast<double>(bits);
}

/// ln 2 = ln2High + ln2Low to 90 bits. The high part ends in 11 zero bits, so its product with an exponent is exact.
inline constexpr double ln2High = 0x1.62e42fefa38p-1;
inline constexpr double ln2Low = 0x1.ef35793c7673p-45;

/// Adding and subtracting it rounds |x| < 2⁵¹ to the nearest integer, whose low bits then stand in the significand.
inline constexpr double integerMagic = 0x1.8p52;

/// The upper 52 bits of a random word as a number in (0, 1): (m + ½)·2⁻⁵², exactly, symmetric about ½.
inline double unitInterval(std::uint64_t word) {
    constexpr std::uint64_t one = 0x3FF0000000000000;
    return fromBits((word >> 12) | one) - (1.0 - 0x1p-53);
}

/// log x for normal, positive, finite x.
///
/// x = 2ᵉ·m with m in [√½, √2). With f = m − 1 and s = f/(2 + f), log m = 2 atanh s = 2s + s·R,
/// R = 2(s²/3 + s⁴/5 + …), |s| ≤ 0.1716: the term s²²/23 left out is below 2⁻⁶⁰. Because 2s = f − s·f, the form
/// f − s·(f − R) starts from f, which is exact.
inline double logOfNormal(double x) {
    constexpr std::uint64_t one = 0x3FF0000000000000, fraction = 0x000FFFFFFFFFFFFF, rootHalf = 0x3FE6A09E667F3BCD;
    constexpr std::uint64_t twoTo52 = 0x4330000000000000;
    const std::uint64_t shifted = bitsOf(x) + (one - rootHalf);
    const double e = fromBits((shifted >> 52) | twoTo52) - (0x1p52 + 1023);
    const double f = fromBits((shifted & fraction) + rootHalf) - 1.0;
    const double s = f / (2.0 + f);
    const double w = s * s;
    double r = 2.0 / 21;
    r = r * w + 2.0 / 19;
    r = r * w + 2.0 / 17;
    r = r * w + 2.0 / 15;
    r = r * w + 2.0 / 13;
    r = r * w + 2.0 / 11;
    r = r * w + 2.0 / 9;
    r = r * w + 2.0 / 7;
    r = r * w + 2.0 / 5;
    r = r * w + 2.0 / 3;
    r = r * w;
    return e * ln2High + (f - (s * (f - r) - e * ln2Low));
}

/// eˣ in parts: eˣ = (1 + fraction)·scale1·scale2. Two scales, because 2¹⁰²⁴ and 2⁻¹⁰⁷⁵ are no doubles of their own.
struct ExpParts {
    double fraction, scale1, scale2;
};

/// x = k·ln 2 + r with |r| ≤ ln 2 / 2; eʳ − 1 is its Taylor series up to r¹³/13!, the next term is below 2⁻⁵⁷.
/// x is first held inside ±746, beyond which eˣ is 0 or infinite anyway; NaN stays NaN. (One comparison, not two: the
/// compiler would thread two into branches and give up on vectors.)
inline ExpParts expParts(double x) {
    constexpr double log2OfE = 0x1.71547652b82fep0;
    constexpr std::uint64_t signBit = std::uint64_t{1} << 63;
    const std::uint64_t sign = bitsOf(x) & signBit;
    x = fromBits(bitsOf(x) ^ sign) > 746.0 ? fromBits(bitsOf(746.0) | sign) : x;
    const double magic = x * log2OfE + integerMagic;
    const double k = magic - integerMagic;
    const double r = (x - k * ln2High) - k * ln2Low;
    double q = 1.0 / 6227020800;
    q = q * r + 1.0 / 479001600;
    q = q * r + 1.0 / 39916800;
    q = q * r + 1.0 / 3628800;
    q = q * r + 1.0 / 362880;
    q = q * r + 1.0 / 40320;
    q = q * r + 1.0 / 5040;
    q = q * r + 1.0 / 720;
    q = q * r + 1.0 / 120;
    q = q * r + 1.0 / 24;
    q = q * r + 1.0 / 6;
    q = q * r + 0.5;
    // k + 2048 is positive, so its half may be taken by a logical shift, which every vector unit has.
    const std::uint64_t biased = (bitsOf(magic) + 2048) & 0xFFF;
    const std::uint64_t half = biased >> 1;
    return {r + (r * r) * q, fromBits((half - 1) << 52), fromBits((biased - half - 1) << 52)};
}

inline double exp(double x) {
    const ExpParts parts = expParts(x);
    return ((1.0 + parts.fraction) * parts.scale1) * parts.scale2;
}

/// eˣ − 1 without cancellation: with a, b the scales it is (a·fraction + (a − 1/b))·b, and a − 1/b is exact up to
/// 2⁵² and rounds harmlessly beyond.
inline double expMinusOne(double x) {
    const ExpParts parts = expParts(x);
    const double inverseScale2 = fromBits((std::uint64_t{2046} << 52) - bitsOf(parts.scale2));
    return (parts.scale1 * parts.fraction + (parts.scale1 - inverseScale2)) * parts.scale2;
}

struct CosSin {
    double cos, sin;
};

/// cos(2πu) and sin(2πu) for |u| ≤ 2⁴⁸.
///
/// u = q/4 + r with |r| ≤ 1/8, exactly. At x = 2πr, |x| ≤ π/4, the Taylor series run to x¹⁶/16! and x¹⁷/17!; the next
/// terms are below 2⁻⁵⁸. A quarter turn q swaps the two and changes signs, which is done on the bits.
inline CosSin cosSin2Pi(double u) {
    const double magic = 4.0 * u + integerMagic;
    const double x = 0x1.921fb54442d18p2 * (u - 0.25 * (magic - integerMagic));
    const double w = x * x;
    double c = 1.0 / 20922789888000;
    c = c * w - 1.0 / 87178291200;
    c = c * w + 1.0 / 479001600;
    c = c * w - 1.0 / 3628800;
    c = c * w + 1.0 / 40320;
    c = c * w - 1.0 / 720;
    c = c * w + 1.0 / 24;
    c = (1.0 - 0.5 * w) + (w * w) * c;
    double s = 1.0 / 355687428096000;
    s = s * w - 1.0 / 1307674368000;
    s = s * w + 1.0 / 6227020800;
    s = s * w - 1.0 / 39916800;
    s = s * w + 1.0 / 362880;
    s = s * w - 1.0 / 5040;
    s = s * w + 1.0 / 120;
    s = s * w - 1.0 / 6;
    s = x + (x * w) * s;

    const std::uint64_t quarter = bitsOf(magic);
    const std::uint64_t odd = 0 - (quarter & 1);
    const std::uint64_t swapped = (bitsOf(c) ^ bitsOf(s)) & odd;
    const std::uint64_t cosSign = ((quarter + 1) & 2) << 62, sinSign = (quarter & 2) << 62;
    return {fromBits((bitsOf(c) ^ swapped) ^ cosSign), fromBits((bitsOf(s) ^ swapped) ^ sinSign)};
}

}  // namespace bnstudio::portable
