// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/error.h"
#include "core/norm/batch_norm.h"
#include "support/reference.h"

#include <QByteArray>
#include <QList>

#include <cstring>
#include <limits>
#include <string>

// What the tests of docs/semantics.md share. Their functions are called after its statements: s08_… tests statement 8.

namespace bnstudio::testing {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double quietNaN = std::numeric_limits<double>::quiet_NaN();

/// The message of the Error that @p body throws, empty when it throws none.
template <class Body>
std::string messageOf(Body body) {
    try {
        body();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

inline ChannelVector three(double value) {
    return {value, value, value};
}

inline Dims dimsOf(const QList<int>& shape) {
    return Dims(shape.begin(), shape.end());
}

inline QByteArray rowName(const QList<int>& shape) {
    return QByteArray::fromStdString(shapeText(dimsOf(shape)));
}

/// 1, 3, 1, 3 in every channel: mean 2, biased variance 1 and unbiased 4/3; x̂ is −1, 1, −1, 1 where eps is 0.
inline Tensor pairsBatch(std::int64_t channels = 3, DType dtype = DType::Float32) {
    return makeBatch(dtype, {4, channels}, [](std::int64_t n, auto, auto) { return n % 2 == 0 ? 1.0 : 3.0; });
}

inline Tensor noiseBatch(DType dtype, const Dims& shape, std::uint64_t seed) {
    TestNoise noise(seed);
    return makeBatch(dtype, shape, [&](auto...) { return noise.normal(); });
}

inline bool sameBytes(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && a.dtype() == b.dtype()
           && (a.size() == 0 || std::memcmp(a.bytes(), b.bytes(), a.byteSize()) == 0);
}

/// Bit for bit; NaN equals the same NaN.
inline bool sameBytes(const ChannelVector& a, const ChannelVector& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

}  // namespace bnstudio::testing
