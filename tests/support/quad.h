// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

namespace bnstudio::testing {

/// A floating-point type with 113 bits of mantissa, for references: twice what the quantities under test can hold. GCC
/// and Clang compute it in software on x86, where long double has 64 bits; elsewhere long double is it.
#ifdef __SIZEOF_FLOAT128__
__extension__ typedef __float128 Quad;
#else
using Quad = long double;
#endif

constexpr Quad magnitude(Quad value) {
    return value < 0 ? -value : value;
}

/// 1/√v for v in the range of double. Newton's step r + r·(1 − v·r²)/2 doubles the number of good bits, from the 53 of
/// the double it starts with to more than there are after two.
inline Quad inverseRoot(Quad v) {
    Quad root = 1 / std::sqrt(static_cast<double>(v));
    for (int i = 0; i < 2; ++i)
        root += root * (1 - v * root * root) / 2;
    return root;
}

}  // namespace bnstudio::testing
