// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/normalize.h"

#include <algorithm>

namespace bnstudio {

// With d = x − mean, S = Σdy and P = Σdy·d the gradients are (semantics 33)
//     ∂/∂β = S,   ∂/∂γ = P·invstd = Σdy·x̂ = Q,   ∂/∂x = (dy − S/n − x̂·Q/n)·invstd·γ;
// the two middle terms exist only where the batch's own statistics were used. They come in as meanTerm = S/n and
// varTerm = invstd·(Q/n), a factor of d.

namespace {

template <class T>
class BackwardKernels {
public:
    BackwardKernels(const Tensor& x, const Tensor& dy, const BackwardTerms& terms, GradientSums& sums, Tensor* out)
        : m_kernels(kernels()),
          m_layout(BatchShape::of(x.shape())),
          m_partition(m_layout, 2 * sizeof(T), out != nullptr),
          m_terms(terms),
          m_result(sums),
          m_x(x.values<T>().data()),
          m_dy(dy.values<T>().data()),
          m_out(out ? out->values<T>().data() : nullptr),
          m_streamed(out && shouldStream(m_layout, m_partition, sizeof(T), out->byteSize())),
          m_sums(ChannelSums::make(m_scratch, m_layout.shape().c, sizeof(T) == sizeof(double), false)),
          m_mean(m_scratch, m_layout),
          m_meanLow(m_scratch, m_layout),
          m_meanTerm(m_scratch, m_layout),
          m_varTerm(m_scratch, m_layout),
          m_slope(m_scratch, m_layout) {
        const std::int64_t channels = m_layout.shape().c;
        m_mean.set(0, channels, terms.mean.data());
        m_meanLow.set(0, channels, terms.meanLow.data());
    }

    void run() {
        const AddChunk add = [this](std::int64_t chunk, std::int64_t c, std::int64_t channels, LaneSums sums,
                                    LaneSigns) { addChunk(chunk, c, channels, sums); };
        if (m_partition.runs == 1) {
            sumChannels(m_kernels, m_layout, m_partition, add, m_sums, [this](const TaskRange& task) {
                finish(task.firstChannel, task.channels);
                write(task);
            });
            return;
        }
        sumChannels(m_kernels, m_layout, m_partition, add, m_sums);
        finish(0, m_layout.shape().c);
        if (m_out)
            forEachTaskBackwards(m_layout, m_partition, [this](const TaskRange& task) { write(task); });
    }

private:
    void addChunk(std::int64_t chunk, std::int64_t c, std::int64_t channels, const LaneSums& sums) const {
        const TensorKernels<T>& kernels = m_kernels.of<T>();
        const std::int64_t offset = m_layout.offset(chunk, c);
        if (m_layout.inSegments())
            kernels.addGradientSegments(m_x + offset, m_dy + offset, m_layout.segments(chunk, channels), m_mean.at(c),
                                        m_meanLow.at(c), sums);
        else
            kernels.addGradientRows(m_x + offset, m_dy + offset, m_layout.tile(chunk, channels), m_mean.at(c),
                                    m_meanLow.at(c), sums);
    }

    void finish(std::int64_t first, std::int64_t channels) {
        constexpr std::int64_t most = 256;
        double meanTerm[most], varTerm[most], slope[most];
        const double n = static_cast<double>(m_layout.shape().valuesPerChannel());
        for (std::int64_t c = first; c < first + channels; c += most) {
            const std::int64_t count = std::min(most, first + channels - c);
            const LaneSums s = m_sums.from(c).sums;
            m_kernels.finishGradients(count, n,
                                      {s.a, s.aLow, s.b, s.bLow, m_terms.invstd.data() + c,
                                       m_terms.weight ? m_terms.weight + c : nullptr, m_result.dy.data() + c,
                                       m_result.dyXhat.data() + c, meanTerm, varTerm, slope});
            m_meanTerm.set(c, count, meanTerm);
            m_varTerm.set(c, count, varTerm);
            m_slope.set(c, count, slope);
        }
    }

    void write(const TaskRange& task) const {
        const TensorKernels<T>& kernels = m_kernels.of<T>();
        const std::int64_t c = task.firstChannel;
        const GradientTerms terms{m_mean.at(c), m_meanLow.at(c), m_meanTerm.at(c), m_varTerm.at(c), m_slope.at(c)};
        for (std::int64_t chunk = task.lastChunk; m_out && chunk-- > task.firstChunk;) {
            const std::int64_t offset = m_layout.offset(chunk, c);
            const T *x = m_x + offset, *dy = m_dy + offset;
            T* out = m_out + offset;
            if (m_layout.inSegments()) {
                const Segments segments = m_layout.segments(chunk, task.channels);
                if (m_terms.batchStatistics)
                    kernels.gradientSegments(x, dy, out, segments, terms, m_streamed);
                else
                    kernels.scaleSegments(dy, out, segments, terms.slope, m_streamed);
            } else {
                const Tile tile = m_layout.tile(chunk, task.channels);
                if (m_terms.batchStatistics)
                    kernels.gradientRows(x, dy, out, tile, terms, m_streamed);
                else
                    kernels.scaleRows(dy, out, tile, terms.slope, m_streamed);
            }
        }
    }

    const KernelTable& m_kernels;
    BatchLayout m_layout;
    Partition m_partition;
    const BackwardTerms& m_terms;
    GradientSums& m_result;
    const T* m_x;
    const T* m_dy;
    T* m_out;
    bool m_streamed;
    Scratch m_scratch;
    ChannelSums m_sums;
    LaneTerms m_mean, m_meanLow, m_meanTerm, m_varTerm, m_slope;
};

}  // namespace

void backwardPass(const Tensor& x, const Tensor& dy, const BackwardTerms& terms, GradientSums& sums,
                  Tensor* gradInput) {
    if (gradInput)
        gradInput->reshapeFor(x.dtype(), x.shape());
    sums.dy.resize(terms.mean.size());
    sums.dyXhat.resize(terms.mean.size());
    if (x.dtype() == DType::Float32)
        BackwardKernels<float>(x, dy, terms, sums, gradInput).run();
    else
        BackwardKernels<double>(x, dy, terms, sums, gradInput).run();
}

}  // namespace bnstudio
