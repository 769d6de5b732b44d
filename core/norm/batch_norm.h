// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/layer.h"
#include "core/norm/moments.h"
#include "core/tensor/tensor.h"

#include <string>

namespace bnstudio {

/// torch.nn.BatchNorm1d as a value: copying copies parameters and buffers.
///
/// Behaviour, order of checks and messages follow torch 1.13; numbers like "semantics 8" in comments are those of
/// docs/semantics.md. Sums run in double in an order that the shape fixes, so results have the same bits for every thread
/// count and every set of instructions.
class BatchNorm1d {
public:
    BatchNorm1d() = default;
    /// Throws Error(Usage) for a negative num_features, a dtype that is no layer dtype, or an eps that is negative,
    /// infinite or NaN.
    explicit BatchNorm1d(const LayerOptions& options);

    const LayerOptions& options() const { return m_options; }
    const LayerState& state() const { return m_state; }
    /// For assignments a PyTorch user could make (buffers to None, parameters by hand); lengths are not checked here
    /// but by forward, as in PyTorch.
    LayerState& mutableState() { return m_state; }

    bool training() const { return m_training; }
    void setTraining(bool on) { m_training = on; }
    /// Throws Error(Usage) for a negative or non-finite eps.
    void setEps(double eps);
    void setMomentum(std::optional<double> momentum) { m_options.momentum = momentum; }
    /// The flag only; buffers stay as they are (semantics 15).
    void setTrackRunningStats(bool on) { m_options.trackRunningStats = on; }
    /// Removes weight and bias, or makes new ones (1 and 0) where they are missing.
    void setAffine(bool on);
    /// Semantics 17; both throw Error(Refused) with PyTorch's text where PyTorch raises.
    void resetRunningStats();
    void resetParameters();

    /// One forward pass. @p y, when given, receives the output (reused storage); without it only statistics and
    /// buffers are computed. @p known lets a caller that already has the moments of @p x pass them in.
    /// Throws Error(Refused) with PyTorch's message; then only num_batches_tracked may have advanced (semantics 8).
    ForwardRecord forward(const Tensor& x, Tensor* y = nullptr, const Moments* known = nullptr);
    /// The same into a record whose vectors are reused. When it throws, @p record is of no use.
    void forward(const Tensor& x, Tensor* y, const Moments* known, ForwardRecord& record);

    /// Gradients for the forward that made @p record. dy has the shape and dtype of x. @p gradInput may be null.
    BackwardRecord backward(const Tensor& x, const Tensor& dy, const ForwardRecord& record, Tensor* gradInput) const;

    /// "3, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True" (semantics 6).
    std::string extraRepr() const;

    bool operator==(const BatchNorm1d&) const = default;

private:
    LayerOptions m_options;
    LayerState m_state;
    bool m_training = true;
};

/// The numbers that turn an element of channel c into x̂, y and its gradient; everything the window needs to evaluate
/// single cells of a big batch without storing the outputs. y rounds once, to the layer's dtype, as the kernels do.
struct ChannelTransform {
    double mean = 0, meanLow = 0, invstd = 1, weight = 1, bias = 0;
    double gradMeanTerm = 0;  ///< S/n in training, else 0
    double gradVarTerm = 0;   ///< Σdy·x̂/n in training, else 0
    double centred(double x) const { return (x - mean) - meanLow; }
    double xhat(double x) const { return centred(x) * invstd; }
    double slope() const { return invstd * weight; }
    double y(double x) const { return centred(x) * slope() + bias; }
    /// (dy − S/n − x̂·Σdy·x̂/n)·invstd·γ (semantics 33). Without the last term (eval) an infinite x does no harm.
    double gradInput(double x, double dy) const {
        const double varPart = gradVarTerm == 0 ? 0.0 : centred(x) * (invstd * gradVarTerm);
        return ((dy - gradMeanTerm) - varPart) * slope();
    }
};
std::vector<ChannelTransform> channelTransforms(const ForwardRecord& record, const LayerState& parameters,
                                                const BackwardRecord* backward = nullptr);

}  // namespace bnstudio
