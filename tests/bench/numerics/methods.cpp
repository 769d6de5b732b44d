// SPDX-License-Identifier: GPL-3.0-or-later
#include "numerics/methods.h"

#include "core/norm/batch_norm.h"
#include "support/quad.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bnstudio::numerics {

using testing::inverseRoot;
using testing::magnitude;
using testing::Quad;

namespace {

constexpr double eps = 1e-5;

/// The answer, with 113 bits. Deviations are taken from the first value, which costs nothing: differences of the values
/// are exact in this many bits.
struct Truth {
    Quad first = 0, offset = 0, var = 0, invstd = 0;

    template <class T>
    explicit Truth(std::span<const T> values) : first(values[0]) {
        const Quad n = static_cast<Quad>(values.size());
        for (const T value : values)
            offset += value - first;
        offset /= n;
        for (const T value : values)
            var += deviation(value) * deviation(value);
        var /= n;
        invstd = inverseRoot(var + eps);
    }
    Quad deviation(double x) const { return (x - first) - offset; }
    Quad y(double x) const { return deviation(x) * invstd; }
};

template <class T>
struct Statistics {
    T mean = 0, var = 0;
    T invstd() const { return 1 / std::sqrt(var + static_cast<T>(eps)); }
};

template <class T>
Statistics<T> inTwoPasses(std::span<const T> values) {
    const T n = static_cast<T>(values.size());
    T sum = 0, squares = 0;
    for (const T value : values)
        sum += value;
    const T mean = sum / n;
    for (const T value : values)
        squares += (value - mean) * (value - mean);
    return {mean, squares / n};
}

template <class T>
Statistics<T> byTheTextbook(std::span<const T> values) {
    const T n = static_cast<T>(values.size());
    T sum = 0, squares = 0;
    for (const T value : values) {
        sum += value;
        squares += value * value;
    }
    const T mean = sum / n;
    return {mean, squares / n - mean * mean};
}

template <class T, class Output>
Errors errorsOf(std::span<const T> values, const Truth& truth, double var, Output output) {
    Errors errors;
    errors.var = static_cast<double>(magnitude(var - truth.var) / truth.var);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double y = output(i);
        if (std::isnan(y))
            return {errors.var, std::numeric_limits<double>::quiet_NaN()};
        errors.y = std::max(errors.y, static_cast<double>(magnitude(y - truth.y(values[i]))));
    }
    return errors;
}

Errors ours(const Tensor& batch, const auto& values, const Truth& truth) {
    BatchNorm1d layer({.numFeatures = 1, .eps = eps, .dtype = batch.dtype()});
    Tensor y;
    const ForwardRecord record = layer.forward(batch, &y);
    return errorsOf(values, truth, roundTo(batch.dtype(), record.var[0]),
                    [&](std::size_t i) { return y.at(static_cast<std::int64_t>(i)); });
}

template <class T>
Comparison compareValues(const Tensor& batch, std::span<const T> values) {
    const Truth truth(values);
    const auto errors = [&](const Statistics<T>& s) {
        return errorsOf(values, truth, s.var,
                        [&](std::size_t i) -> double { return (values[i] - s.mean) * s.invstd(); });
    };
    return {ours(batch, values, truth), errors(inTwoPasses(values)), errors(byTheTextbook(values))};
}

}  // namespace

Comparison compare(const Tensor& batch) {
    return batch.dtype() == DType::Float32 ? compareValues(batch, batch.values<float>())
                                           : compareValues(batch, batch.values<double>());
}

}  // namespace bnstudio::numerics
