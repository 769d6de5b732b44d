// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/tensor.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bnstudio {

/// A stream of random batches. Batch k is a pure function of (spec, k): Philox4x32-10 counters, no state.
/// "One value or one a channel" lists hold either 1 or C numbers.
///
/// With m = mean + fan, s = std, z standard normal and d = drift·k, a value of batch k is
///   normal     m + d + s·z
///   uniform    m + d + s·√3·v, v uniform in (−1, 1): std is the standard deviation
///   lognormal  exp(m + s·z) + d: mean and std are those of the logarithm, drift moves the value itself
///   student_t  m + d + s·t, t of Student's distribution with df degrees of freedom (standard deviation s·√(df/(df−2)))
///   constant   m + d
///   mixture    m + d + s·z, or mean2 + fan + d + std2·z with probability weight2: fan and drift move both alike
/// correlation makes z = √ρ·f + √(1−ρ)·e with one f for all channels of a sample (and position l); it is refused for
/// the kinds without a z. An outlier lies 10 times as far from its channel's mean (for student_t: from m + d, which
/// every df has), so the mean stays and the variance becomes (1 − p + 100·p) times as large.
/// Outliers, NaN, mixture choice and shared factor have random streams of their own: switching one of them on leaves
/// the other numbers as they were.
struct GeneratorSpec {
    enum class Kind { Normal, Uniform, LogNormal, StudentT, Constant, Mixture };
    Kind kind = Kind::Normal;
    std::int64_t n = 32, c = 8;
    std::int64_t l = 0;                       ///< 0: batches of shape (N, C); else (N, C, L)
    std::vector<double> mean{0.0}, std{1.0};  ///< one value or one a channel; of the underlying normal for LogNormal
    double spread = 0;       ///< fan of means: channel c is moved by spread·(2c/(C−1) − 1)·std; C = 1: not
    double correlation = 0;  ///< ρ in [0, 1): share of the variance that all channels of a sample share
    std::vector<double> drift{0.0};             ///< added to the mean of a channel at every step
    double outliers = 0;                        ///< probability that a value is 10 times as far from its channel's mean
    double nan = 0;                             ///< probability that a value is NaN
    double df = 5;                              ///< StudentT: degrees of freedom, > 0
    std::vector<double> mean2{0.0}, std2{1.0};  ///< Mixture: the second population
    double weight2 = 0.5;                       ///< Mixture: probability of the second population
    std::uint64_t seed = 42;
    bool operator==(const GeneratorSpec&) const = default;
};

/// Throws Error(Usage) naming the key and the value that makes no sense.
void validate(const GeneratorSpec& spec);
/// Fills @p out (reused storage) with batch k ≥ 0 in the given layer dtype; Float32 is the Float64 value rounded once.
/// The same bits on every machine and for every number of threads. Throws what validate() throws.
void generateBatch(const GeneratorSpec& spec, std::int64_t k, DType dtype, Tensor& out);
/// Mean and variance of the population batch k is drawn from, NaN values left out; NaN where it does not exist
/// (Student-t with df ≤ 2).
struct Population {
    std::vector<double> mean, var;
};
Population population(const GeneratorSpec& spec, std::int64_t k);

/// "normal:n=32,c=8,mean=5,std=2,seed=42"; a kind alone is fine; lists as a/b/c; blanks around keys and values do no
/// harm. The result is valid. Throws Error(Usage) with the key and place.
GeneratorSpec parseGeneratorSpec(const std::string& text);
/// The shortest text that parses back to the same spec.
std::string generatorSpecText(const GeneratorSpec& spec);
/// "normal", "student_t", …
std::string_view kindName(GeneratorSpec::Kind kind);

}  // namespace bnstudio
