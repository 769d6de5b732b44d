// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace bnstudio {

/// An unevaluated sum high + low with |low| at most half an ulp of high: about 106 significant bits.
struct DoubleDouble {
    double high = 0, low = 0;
};

// Error-free transformations: the result's high part is the rounded operation, the low part its exact error, as long
// as nothing overflows or underflows. Sources: D. Knuth, TAOCP vol. 2, 4.2.2; T. Dekker, Numer. Math. 18 (1971).
// They need plain IEEE operations: the project is built with -ffp-contract=off and never with -ffast-math.

inline DoubleDouble twoSum(double a, double b) {
    const double sum = a + b;
    const double bPart = sum - a;
    return {sum, (a - (sum - bPart)) + (b - bPart)};
}

/// twoSum for |a| ≥ |b|.
inline DoubleDouble quickTwoSum(double a, double b) {
    const double sum = a + b;
    return {sum, b - (sum - a)};
}

inline DoubleDouble twoDifference(double a, double b) {
    const double difference = a - b;
    const double bPart = a - difference;
    return {difference, (a - (difference + bPart)) + (bPart - b)};
}

/// Halves of 26 and 27 bits, so that products of halves are exact.
inline DoubleDouble split(double a) {
    const double scaled = 134217729.0 * a;  // 2^27 + 1
    const double high = scaled - (scaled - a);
    return {high, a - high};
}

/// By splitting, not by FMA: the same instructions, hence the same bits and speed, on every processor.
inline DoubleDouble twoProduct(double a, double b) {
    const double product = a * b;
    const DoubleDouble x = split(a);
    const DoubleDouble y = split(b);
    return {product, ((x.high * y.high - product) + x.high * y.low + x.low * y.high) + x.low * y.low};
}

}  // namespace bnstudio
