// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/normalize.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bnstudio {

namespace {

constexpr std::size_t cacheLine = 64;
/// About what of the last-level cache an output can count on while its input streams through.
constexpr std::size_t cachedBytes = std::size_t{12} << 20;

}  // namespace

bool shouldStream(const BatchLayout& layout, const Partition& partition, std::size_t itemBytes, std::size_t bytes) {
    if (bytes < cachedBytes || layout.inSegments())
        return false;
    const BatchShape shape = layout.shape();
    const std::size_t ofChannel = static_cast<std::size_t>(shape.l) * itemBytes;
    const std::size_t row = static_cast<std::size_t>(shape.c) * ofChannel;
    return row % cacheLine == 0 && static_cast<std::size_t>(partition.channelsPerTask) * ofChannel % cacheLine == 0;
}

LaneTerms::LaneTerms(Scratch& scratch, const BatchLayout& layout)
    : m_each(layout.inSegments() ? 1 : layout.lanesPerChannel()) {
    m_values = scratch.doubles(layout.shape().c * m_each);
}

void LaneTerms::set(std::int64_t firstChannel, std::int64_t channels, const double* perChannel) const {
    double* lane = m_values + firstChannel * m_each;
    if (m_each == 1) {
        std::copy_n(perChannel, channels, lane);
        return;
    }
    for (std::int64_t c = 0; c < channels; ++c)
        lane = std::fill_n(lane, m_each, perChannel[c]);
}

template <class T>
NormalizePass<T>::NormalizePass(const BatchLayout& layout, const Partition& partition, const KernelTable& kernels,
                                Scratch& scratch, const Tensor& x, Tensor& y)
    : m_layout(layout),
      m_kernels(kernels),
      m_x(x.values<T>().data()),
      m_y(y.values<T>().data()),
      m_streamed(shouldStream(layout, partition, sizeof(T), y.byteSize())),
      m_mean(scratch, layout),
      m_meanLow(scratch, layout),
      m_slope(scratch, layout),
      m_bias(scratch, layout) {}

template <class T>
void NormalizePass<T>::setTerms(std::int64_t first, std::int64_t channels, const double* mean, const double* meanLow,
                                const double* invstd, const double* weight, const double* bias) const {
    constexpr std::int64_t most = 256;
    double slope[most], shift[most];
    for (std::int64_t done = 0; done < channels; done += most) {
        const std::int64_t count = std::min(most, channels - done);
        m_kernels.slopes(count, invstd + done, weight ? weight + done : nullptr, slope);
        for (std::int64_t c = 0; c < count; ++c)  // the difference is 0 unless invstd is infinite or NaN
            shift[c] = (bias ? bias[done + c] : 0.0) + (invstd[done + c] - invstd[done + c]);
        m_slope.set(first + done, count, slope);
        m_bias.set(first + done, count, shift);
    }
    m_mean.set(first, channels, mean);
    m_meanLow.set(first, channels, meanLow);
}

template <class T>
void NormalizePass<T>::run(const TaskRange& task) const {
    const TensorKernels<T>& kernels = m_kernels.of<T>();
    const std::int64_t c = task.firstChannel;
    const AffineTerms terms{m_mean.at(c), m_meanLow.at(c), m_slope.at(c), m_bias.at(c)};
    for (std::int64_t chunk = task.lastChunk; chunk-- > task.firstChunk;) {  // the last one was read last
        const std::int64_t offset = m_layout.offset(chunk, c);
        if (m_layout.inSegments())
            kernels.normalizeSegments(m_x + offset, m_y + offset, m_layout.segments(chunk, task.channels), terms,
                                      m_streamed);
        else
            kernels.normalizeRows(m_x + offset, m_y + offset, m_layout.tile(chunk, task.channels), terms, m_streamed);
    }
}

template class NormalizePass<float>;
template class NormalizePass<double>;

void inverseStd(const std::vector<double>& var, double eps, std::vector<double>& invstd) {
    invstd.resize(var.size());
    kernels().inverseStd(static_cast<std::int64_t>(var.size()), var.data(), eps, invstd.data());
}

void batchInverseStd(const KernelTable& table, std::int64_t channels, double n, const double* var,
                     const double* sumSquares, double eps, double* invstd) {
    table.inverseStd(channels, var, eps, invstd);
    for (std::int64_t c = 0; eps == 0 && c < channels; ++c)
        if (var[c] < std::numeric_limits<double>::min())
            invstd[c] = var[c] == 0 ? 0.0 : std::sqrt(n) / std::sqrt(sumSquares[c]);
}

namespace {

template <class T>
void normalizeFor(const Tensor& x, const std::vector<double>& mean, const std::vector<double>& meanLow,
                  const std::vector<double>& invstd, const double* weight, const double* bias, Tensor& y) {
    const BatchLayout layout(BatchShape::of(x.shape()));
    const Partition partition(layout, sizeof(T), false);
    Scratch scratch;
    const NormalizePass<T> pass(layout, partition, kernels(), scratch, x, y);
    pass.setTerms(0, layout.shape().c, mean.data(), meanLow.data(), invstd.data(), weight, bias);
    forEachTaskBackwards(layout, partition, [&](const TaskRange& task) { pass.run(task); });
}

}  // namespace

void normalizeWith(const Tensor& x, const std::vector<double>& mean, const std::vector<double>& meanLow,
                   const std::vector<double>& invstd, const double* weight, const double* bias, Tensor& y) {
    y.reshapeFor(x.dtype(), x.shape());
    if (x.size() == 0)
        return;
    if (x.dtype() == DType::Float32)
        normalizeFor<float>(x, mean, meanLow, invstd, weight, bias, y);
    else
        normalizeFor<double>(x, mean, meanLow, invstd, weight, bias, y);
}

}  // namespace bnstudio
