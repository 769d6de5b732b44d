// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/tensor.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bnstudio {

/// A stream of random batches. Batch k is a pure function of (spec, k): Philox4x32-10 counters, no state.
/// "One value or one a channel" lists hold either 1 or C numbers.
struct GeneratorSpec {
    enum class Kind { Normal, Uniform, LogNormal, StudentT, Constant, Mixture };
    Kind kind = Kind::Normal;
    std::int64_t n = 32, c = 8;
    std::int64_t l = 0;                     ///< 0: batches of shape (N, C); else (N, C, L)
    std::vector<double> mean{0.0}, std{1.0};///< one value or one a channel; of the underlying normal for LogNormal
    double spread = 0;                      ///< channel c has mean + spread·(2c/(C−1) − 1)·std: a fan of means
    double correlation = 0;                 ///< ρ in [0, 1): share of the variance that all channels of a sample share
    std::vector<double> drift{0.0};         ///< added to the mean of a channel at every step
    double outliers = 0;                    ///< probability that a value is 10 times as far from its mean
    double nan = 0;                         ///< probability that a value is NaN
    double df = 5;                          ///< StudentT: degrees of freedom, > 0
    std::vector<double> mean2{0.0}, std2{1.0};  ///< Mixture: the second population
    double weight2 = 0.5;                   ///< Mixture: probability of the second population
    std::uint64_t seed = 42;
    bool operator==(const GeneratorSpec&) const = default;
};

/// Throws Error(Usage) naming the key and the value that makes no sense.
void validate(const GeneratorSpec& spec);
/// Fills @p out (reused storage) with batch k in the given layer dtype. The same bits on every machine and for every
/// number of threads.
void generateBatch(const GeneratorSpec& spec, std::int64_t k, DType dtype, Tensor& out);
/// Mean and variance of the population batch k is drawn from, NaN values left out; NaN where it does not exist
/// (Student-t with df ≤ 2).
struct Population { std::vector<double> mean, var; };
Population population(const GeneratorSpec& spec, std::int64_t k);

/// "normal:n=32,c=8,mean=5,std=2,seed=42"; lists as a/b/c. Throws Error(Usage) with the key and place.
GeneratorSpec parseGeneratorSpec(const std::string& text);
/// The shortest text that parses back to the same spec.
std::string generatorSpecText(const GeneratorSpec& spec);
/// "normal", "student_t", …
std::string_view kindName(GeneratorSpec::Kind kind);

}  // namespace bnstudio
