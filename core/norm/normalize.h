// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/lane_sums.h"
#include "core/norm/moments.h"
#include "core/tensor/tensor.h"

#include <vector>

namespace bnstudio {

/// Whether a pass over @p layout that fills @p bytes should write past the cache: where the output would not stay in it
/// anyway, and tasks write rows of whole cache lines. (For segments it did not pay, however long they were.)
bool shouldStream(const BatchLayout& layout, const Partition& partition, std::size_t itemBytes, std::size_t bytes);

/// One number per channel made one per lane, where a row has several lanes for a channel.
class LaneTerms {
public:
    LaneTerms(Scratch& scratch, const BatchLayout& layout);
    void set(std::int64_t firstChannel, std::int64_t channels, const double* perChannel) const;
    const double* at(std::int64_t channel) const { return m_values + channel * m_each; }
    double* channelValues(std::int64_t channel) const { return m_values + channel * m_each; }
    std::int64_t each() const { return m_each; }

private:
    double* m_values;
    std::int64_t m_each;
};

/// The pass that writes y = ((x − mean) − meanLow)·slope + bias with slope = invstd·γ.
template <class T>
class NormalizePass {
public:
    NormalizePass(const BatchLayout& layout, const Partition& partition, const KernelTable& kernels, Scratch& scratch,
                  const Tensor& x, Tensor& y);
    /// Prepares channels first … first + channels − 1; the arrays begin at the first of them, weight and bias may be null.
    void setTerms(std::int64_t first, std::int64_t channels, const double* mean, const double* meanLow,
                  const double* invstd, const double* weight, const double* bias) const;
    void run(const TaskRange& task) const;

private:
    const BatchLayout& m_layout;
    const KernelTable& m_kernels;
    const T* m_x;
    T* m_y;
    bool m_streamed;
    LaneTerms m_mean, m_meanLow, m_slope, m_bias;
};
extern template class NormalizePass<float>;
extern template class NormalizePass<double>;

/// invstd = 1/√(var + eps) for every channel, correct to about one rounding even in double.
void inverseStd(const std::vector<double>& var, double eps, std::vector<double>& invstd);

/// The same for the statistics of a batch, with n values a channel. With eps = 0 a variance below the smallest normal
/// double is taken from the sum of squares, which has more digits; var = 0 gives 0 there, as in PyTorch's training
/// forward (semantics 24). @p table does the work; the arrays have @p channels values.
void batchInverseStd(const KernelTable& table, std::int64_t channels, double n, const double* var,
                     const double* sumSquares, double eps, double* invstd);

/// Moments of @p x, invstd from them, and y = x̂·γ + β; @p y gets the dtype and shape of @p x. The values are read a
/// second time while they are still in a cache where that is possible. @p weight and @p bias may be null.
void normalizeWithBatchStatistics(const Tensor& x, double eps, const double* weight, const double* bias,
                                  Moments& moments, std::vector<double>& invstd, Tensor& y);

/// y = ((x − mean) − meanLow)·invstd·γ + β with given statistics. An infinite invstd (eval with running_var + eps = 0)
/// gives NaN, as in PyTorch, which computes Inf·x + (β − Inf) (semantics 32).
void normalizeWith(const Tensor& x, const std::vector<double>& mean, const std::vector<double>& meanLow,
                   const std::vector<double>& invstd, const double* weight, const double* bias, Tensor& y);

/// S = Σdy and Σdy·x̂ of every channel, in double, with bits that depend on neither threads nor processor.
struct GradientSums {
    std::vector<double> dy, dyXhat;
};

/// What the backward pass knows about the forward pass; the vectors have one value per channel.
struct BackwardTerms {
    const std::vector<double>& mean;
    const std::vector<double>& meanLow;
    const std::vector<double>& invstd;
    const double* weight;  ///< may be null
    bool batchStatistics;  ///< else mean and variance did not depend on x
};
/// The sums, and ∂loss/∂x of every element when @p gradInput is given; it gets the dtype and shape of @p x.
void backwardPass(const Tensor& x, const Tensor& dy, const BackwardTerms& terms, GradientSums& sums, Tensor* gradInput);

}  // namespace bnstudio
