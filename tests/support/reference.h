// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/batch_norm.h"
#include "support/quad.h"

#include <vector>

namespace bnstudio::testing {

/// Batch normalisation as the textbook writes it: one loop per sum, with 113 bits, a channel at a time. Slow and plain, so
/// that it can be checked by eye.
///
/// The mean is kept as first value + offset, so that deviations from it keep their bits whatever the mean is.
struct ReferenceChannel {
    Quad first = 0, offset = 0, var = 0, sumSquares = 0;
    Quad mean() const { return first + offset; }
    Quad deviation(double x) const { return (x - first) - offset; }
};
std::vector<ReferenceChannel> referenceMoments(const Tensor& batch);

/// Value of element (n, c, l).
double element(const Tensor& batch, std::int64_t n, std::int64_t c, std::int64_t l);

/// y of every element, storage order, for given mean and biased variance; weight 1 and bias 0 where absent.
std::vector<Quad> referenceOutput(const Tensor& x, const std::vector<ReferenceChannel>& moments, double eps,
                                  const LayerState& parameters);

struct ReferenceGradients {
    std::vector<Quad> input, weight, bias;
};
/// Gradients from the definition: ∂y_j/∂x_i = γ·invstd·(δ_ij − 1/n − x̂_i·x̂_j/n) in training, without the last two terms
/// in eval.
ReferenceGradients referenceGradients(const Tensor& x, const Tensor& dy, const std::vector<ReferenceChannel>& moments,
                                      double eps, const LayerState& parameters, bool training = true);

/// A batch of the given dtype and shape whose element (n, c, l) is value(n, c, l), rounded.
template <class Value>
Tensor makeBatch(DType dtype, const Dims& shape, Value value) {
    Tensor batch(dtype, shape);
    const BatchShape s = BatchShape::of(shape);
    for (std::int64_t i = 0; i < batch.size(); ++i)
        batch.set(i, value(i / s.l / s.c, i / s.l % s.c, i % s.l));
    return batch;
}

/// Fixed pseudo-random numbers for test data, roughly standard normal (sum of 12 uniforms minus 6).
class TestNoise {
public:
    explicit TestNoise(std::uint64_t seed) : m_state(seed * 2654435761u + 1) {}
    double uniform();
    double normal();

private:
    std::uint64_t m_state;
};

}  // namespace bnstudio::testing
