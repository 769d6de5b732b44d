// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/reference.h"

namespace bnstudio::testing {

namespace {

struct Scale {
    Quad invstd, weight, bias;
};

Scale scaleOf(const ReferenceChannel& moments, double eps, const LayerState& parameters, std::size_t c) {
    const Quad var = moments.var + eps;
    return {var == 0 ? 0 : inverseRoot(var), parameters.weight ? (*parameters.weight)[c] : 1.0,
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
        Quad sum = 0;
        for (std::int64_t n = 0; n < s.n; ++n)
            for (std::int64_t l = 0; l < s.l; ++l)
                sum += element(batch, n, c, l) - channel.first;
        const Quad count = static_cast<Quad>(s.valuesPerChannel());
        channel.offset = sum / count;
        for (std::int64_t n = 0; n < s.n; ++n)
            for (std::int64_t l = 0; l < s.l; ++l) {
                const Quad d = channel.deviation(element(batch, n, c, l));
                channel.sumSquares += d * d;
            }
        channel.var = channel.sumSquares / count;
        result.push_back(channel);
    }
    return result;
}

std::vector<Quad> referenceOutput(const Tensor& x, const std::vector<ReferenceChannel>& moments, double eps,
                                  const LayerState& parameters) {
    const BatchShape s = BatchShape::of(x.shape());
    std::vector<Quad> y(static_cast<std::size_t>(x.size()));
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
                                      double eps, const LayerState& parameters, bool training) {
    const BatchShape s = BatchShape::of(x.shape());
    ReferenceGradients result;
    result.input.resize(static_cast<std::size_t>(x.size()));
    const Quad count = static_cast<Quad>(s.valuesPerChannel());
    for (std::int64_t c = 0; c < s.c; ++c) {
        const ReferenceChannel& m = moments[static_cast<std::size_t>(c)];
        const Scale k = scaleOf(m, eps, parameters, static_cast<std::size_t>(c));
        const auto xhat = [&](std::int64_t n, std::int64_t l) { return m.deviation(element(x, n, c, l)) * k.invstd; };
        Quad sum = 0, product = 0;
        for (std::int64_t n = 0; n < s.n; ++n)
            for (std::int64_t l = 0; l < s.l; ++l) {
                sum += element(dy, n, c, l);
                product += element(dy, n, c, l) * xhat(n, l);
            }
        for (std::int64_t n = 0; n < s.n; ++n)
            for (std::int64_t l = 0; l < s.l; ++l) {
                const Quad throughStatistics = training ? sum / count + xhat(n, l) * product / count : Quad(0);
                result.input[flat(s, n, c, l)] = k.weight * k.invstd * (element(dy, n, c, l) - throughStatistics);
            }
        result.weight.push_back(product);
        result.bias.push_back(sum);
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
