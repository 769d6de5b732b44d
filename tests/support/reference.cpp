// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/reference.h"

#include <cmath>

namespace bnstudio::testing {

namespace {

/// W. Kahan's summation: 1e5 equal addends would otherwise drift by more than the errors under test.
struct KahanSum {
    long double value = 0, lost = 0;
    void add(long double term) {
        const long double corrected = term - lost;
        const long double next = value + corrected;
        lost = (next - value) - corrected;
        value = next;
    }
};

struct Scale {
    long double invstd, weight, bias;
};

Scale scaleOf(const ReferenceChannel& moments, double eps, const LayerState& parameters, std::size_t c) {
    const long double var = moments.var + static_cast<long double>(eps);
    return {var == 0 ? 0.0L : 1.0L / std::sqrt(var), parameters.weight ? (*parameters.weight)[c] : 1.0,
            parameters.bias ? (*parameters.bias)[c] : 0.0};
}

std::size_t flat(const BatchShape& s, std::int64_t n, std::int64_t c, std::int64_t l) {
    return static_cast<std::size_t>((n * s.c + c) * s.l + l);
}

}  // namespace

double element(const Tensor& batch, std::int64_t n, std::int64_t c, std::int64_t l) {
    return batch.at(static_cast<std::int64_t>(flat(BatchShape::of(batch.shape()), n, c, l)));
}

std::vector<ReferenceChannel> referenceMoments(const Tensor& batch) {
    const BatchShape s = BatchShape::of(batch.shape());
    std::vector<ReferenceChannel> result;
    for (std::int64_t c = 0; c < s.c; ++c) {
        ReferenceChannel channel;
        channel.first = element(batch, 0, c, 0);
        KahanSum sum, squares;
        for (std::int64_t n = 0; n < s.n; ++n)
            for (std::int64_t l = 0; l < s.l; ++l)
                sum.add(element(batch, n, c, l) - channel.first);
        const long double count = static_cast<long double>(s.valuesPerChannel());
        channel.offset = sum.value / count;
        for (std::int64_t n = 0; n < s.n; ++n)
            for (std::int64_t l = 0; l < s.l; ++l) {
                const long double d = channel.deviation(element(batch, n, c, l));
                squares.add(d * d);
            }
        channel.sumSquares = squares.value;
        channel.var = squares.value / count;
        result.push_back(channel);
    }
    return result;
}

std::vector<long double> referenceOutput(const Tensor& x, const std::vector<ReferenceChannel>& moments, double eps,
                                         const LayerState& parameters) {
    const BatchShape s = BatchShape::of(x.shape());
    std::vector<long double> y(static_cast<std::size_t>(x.size()));
    for (std::int64_t n = 0; n < s.n; ++n)
        for (std::int64_t c = 0; c < s.c; ++c)
            for (std::int64_t l = 0; l < s.l; ++l) {
                const ReferenceChannel& m = moments[static_cast<std::size_t>(c)];
                const Scale k = scaleOf(m, eps, parameters, static_cast<std::size_t>(c));
                y[flat(s, n, c, l)] = m.deviation(element(x, n, c, l)) * k.invstd * k.weight + k.bias;
            }
    return y;
}

ReferenceGradients referenceGradients(const Tensor& x, const Tensor& dy, const std::vector<ReferenceChannel>& moments,
                                      double eps, const LayerState& parameters) {
    const BatchShape s = BatchShape::of(x.shape());
    ReferenceGradients result;
    result.input.resize(static_cast<std::size_t>(x.size()));
    const long double count = static_cast<long double>(s.valuesPerChannel());
    for (std::int64_t c = 0; c < s.c; ++c) {
        const ReferenceChannel& m = moments[static_cast<std::size_t>(c)];
        const Scale k = scaleOf(m, eps, parameters, static_cast<std::size_t>(c));
        const auto xhat = [&](std::int64_t n, std::int64_t l) { return m.deviation(element(x, n, c, l)) * k.invstd; };
        KahanSum sum, product;
        for (std::int64_t n = 0; n < s.n; ++n)
            for (std::int64_t l = 0; l < s.l; ++l) {
                sum.add(element(dy, n, c, l));
                product.add(element(dy, n, c, l) * xhat(n, l));
            }
        for (std::int64_t n = 0; n < s.n; ++n)
            for (std::int64_t l = 0; l < s.l; ++l)
                result.input[flat(s, n, c, l)] =
                    k.weight * k.invstd
                    * (element(dy, n, c, l) - sum.value / count - xhat(n, l) * product.value / count);
        result.weight.push_back(product.value);
        result.bias.push_back(sum.value);
    }
    return result;
}

double TestNoise::uniform() {
    m_state ^= m_state << 13;
    m_state ^= m_state >> 7;
    m_state ^= m_state << 17;
    return static_cast<double>(m_state >> 11) * 0x1p-53;
}

double TestNoise::normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i)
        sum += uniform();
    return sum;
}

}  // namespace bnstudio::testing
