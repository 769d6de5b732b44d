// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/trace_statistics.h"

#include "core/norm/moments.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace bnstudio {

namespace {

/// What a plain loop in T makes of a batch, and the sizes of its terms.
struct PlainSums {
    std::vector<double> mean, var;            ///< as T gives them
    std::vector<double> square, fourthPower;  ///< Σx²/n and Σd⁴/n
};

template <class T, class Visit>
void eachValue(const Tensor& batch, const Visit& visit) {
    const BatchShape shape = BatchShape::of(batch.shape());
    const auto values = batch.values<T>();
    std::size_t at = 0;
    for (std::int64_t n = 0; n < shape.n; ++n) {
        for (std::size_t c = 0; c < static_cast<std::size_t>(shape.c); ++c) {
            for (std::int64_t l = 0; l < shape.l; ++l)
                visit(c, values[at++]);
        }
    }
}

template <class T>
PlainSums plainSums(const Tensor& batch) {
    const auto channels = static_cast<std::size_t>(batch.shape()[1]);
    const T count = static_cast<T>(BatchShape::of(batch.shape()).valuesPerChannel());
    PlainSums sums{{}, {}, std::vector<double>(channels), std::vector<double>(channels)};
    std::vector<T> mean(channels), var(channels);
    eachValue<T>(batch, [&](std::size_t c, T x) {
        mean[c] += x;
        sums.square[c] += static_cast<double>(x) * static_cast<double>(x);
    });
    for (T& value : mean)
        value /= count;
    eachValue<T>(batch, [&](std::size_t c, T x) {
        const T d = x - mean[c];
        const T squared = d * d;
        var[c] += squared;
        sums.fourthPower[c] += static_cast<double>(squared) * static_cast<double>(squared);
    });
    for (std::size_t c = 0; c < channels; ++c) {
        sums.mean.push_back(static_cast<double>(mean[c]));
        sums.var.push_back(static_cast<double>(var[c] / count));
        sums.square[c] /= static_cast<double>(count);
        sums.fourthPower[c] /= static_cast<double>(count);
    }
    return sums;
}

/// Where the plain sum overflowed there is nothing to learn from it.
double errorOf(double plain, double exact) {
    const double error = std::abs(plain - exact);
    return std::isfinite(error) ? error : 0;
}

/// Round to nearest, ties to even, with @p bits bits of mantissa and the least exponent @p least.
double roundMantissa(double value, int bits, int least) {
    if (!std::isfinite(value) || value == 0)
        return value;
    const int exponent = std::max(std::ilogb(value), least);
    const double unit = std::ldexp(1.0, exponent - bits);
    return std::nearbyint(value / unit) * unit;
}

}  // namespace

double unitRoundoff(DType dtype) {
    switch (dtype) {
    case DType::Float16:
        return 0x1p-11;
    case DType::BFloat16:
        return 0x1p-8;
    case DType::Float64:
        return 0x1p-53;
    default:
        return 0x1p-24;
    }
}

double roundToStored(DType dtype, double value) {
    constexpr double largestHalf = 65504;
    if (dtype == DType::Float16) {
        const double rounded = roundMantissa(value, 10, -14);
        return std::abs(rounded) > largestHalf ? std::copysign(std::numeric_limits<double>::infinity(), value)
                                               : rounded;
    }
    return dtype == DType::BFloat16 ? roundMantissa(value, 7, -126) : value;
}

double sumTolerance(DType dtype, std::int64_t n, double sum, double rms) {
    const double root = std::sqrt(static_cast<double>(n));
    return unitRoundoff(dtype) * root * (std::abs(sum) + root * rms);
}

BatchStatistics batchStatistics(const Tensor& batch) {
    const DType dtype = batch.dtype();
    Moments moments = computeMoments(batch);
    const PlainSums plain = dtype == DType::Float64 ? plainSums<double>(batch) : plainSums<float>(batch);
    BatchStatistics result;
    result.n = moments.valuesPerChannel;
    result.mean = std::move(moments.mean);
    result.meanLow = std::move(moments.meanLow);
    result.var = std::move(moments.var);
    const double u = unitRoundoff(dtype);
    const double count = static_cast<double>(result.n);
    for (std::size_t c = 0; c < result.mean.size(); ++c) {
        const double mean = result.mean[c], var = result.var[c];
        const double meanError = sumTolerance(dtype, result.n, mean * count, std::sqrt(plain.square[c])) / count
                                 + 2 * u * std::abs(mean) + 2 * errorOf(plain.mean[c], mean);
        // A mean that is off by e adds e² to the variance.
        const double varError = sumTolerance(dtype, result.n, var * count, std::sqrt(plain.fourthPower[c])) / count
                                + 4 * u * var + 2 * errorOf(plain.var[c], var) + meanError * meanError;
        result.meanTolerance.push_back(meanError);
        result.varTolerance.push_back(varError);
    }
    return result;
}

BatchStatistics recordedStatistics(std::vector<double> mean, std::vector<double> var, std::int64_t n, DType dtype) {
    BatchStatistics result;
    result.n = n;
    const double u = unitRoundoff(dtype);
    const double count = static_cast<double>(n);
    for (std::size_t c = 0; c < mean.size(); ++c) {
        const double rms = std::sqrt(mean[c] * mean[c] + std::max(var[c], 0.0));
        // Squares of a normal distribution have the root mean square √3·var; the recorded numbers are rounded once more.
        result.meanTolerance.push_back(sumTolerance(dtype, n, mean[c] * count, rms) / count
                                       + 2 * u * std::abs(mean[c]));
        result.varTolerance.push_back(sumTolerance(dtype, n, var[c] * count, std::sqrt(3.0) * var[c]) / count
                                      + 4 * u * var[c]);
    }
    result.meanLow.assign(mean.size(), 0.0);
    result.mean = std::move(mean);
    result.var = std::move(var);
    return result;
}

void addRounding(double u, BatchStatistics& statistics) {
    for (std::size_t c = 0; c < statistics.mean.size(); ++c) {
        statistics.meanTolerance[c] += u * std::abs(statistics.mean[c]);
        statistics.varTolerance[c] += 2 * u * statistics.var[c];
    }
}

}  // namespace bnstudio
