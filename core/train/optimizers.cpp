// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/training.h"

#include <Eigen/Core>

#include <cmath>

namespace bnstudio {

namespace {

using Values = Eigen::Map<Eigen::ArrayXd>;
using ConstValues = Eigen::Map<const Eigen::ArrayXd>;

Values view(std::vector<double>& values) {
    return {values.data(), static_cast<Eigen::Index>(values.size())};
}
ConstValues view(const std::vector<double>& values) {
    return {values.data(), static_cast<Eigen::Index>(values.size())};
}

/// Algorithm box of torch.optim.SGD without dampening: the first step sets the momentum buffer to the gradient.
void sgdStep(const OptimizerSpec& spec, std::vector<double>& buffer, Eigen::ArrayXd gradient, Values parameter) {
    if (spec.momentum != 0) {
        if (buffer.size() != static_cast<std::size_t>(gradient.size()))
            buffer.assign(gradient.begin(), gradient.end());
        else
            view(buffer) = spec.momentum * view(buffer) + gradient;
        if (spec.nesterov)
            gradient += spec.momentum * view(buffer);
        else
            gradient = view(buffer);
    }
    parameter -= spec.lr * gradient;
}

/// Algorithm box of torch.optim.Adam, without AMSGrad: bias-corrected moving averages of gradient and its square.
void adamStep(const OptimizerSpec& spec, std::int64_t step, OptimizerState::Buffers& buffers,
              const Eigen::ArrayXd& gradient, Values parameter) {
    buffers.expAvg.resize(static_cast<std::size_t>(gradient.size()), 0.0);
    buffers.expAvgSq.resize(static_cast<std::size_t>(gradient.size()), 0.0);
    Values average = view(buffers.expAvg), squares = view(buffers.expAvgSq);
    average = spec.beta1 * average + (1 - spec.beta1) * gradient;
    squares = spec.beta2 * squares + (1 - spec.beta2) * gradient.square();
    const double correction1 = 1 - std::pow(spec.beta1, static_cast<double>(step));
    const double correction2 = 1 - std::pow(spec.beta2, static_cast<double>(step));
    parameter -= spec.lr / correction1 * average / (squares.sqrt() / std::sqrt(correction2) + spec.eps);
}

void updateParameter(const OptimizerSpec& spec, std::int64_t step, OptimizerState::Buffers& buffers, DType dtype,
                     const std::optional<ChannelVector>& gradient, std::optional<ChannelVector>& parameter) {
    if (!gradient || !parameter || gradient->size() != parameter->size())
        return;
    Values values = view(*parameter);
    const Eigen::ArrayXd decayed = view(*gradient) + spec.weightDecay * values;
    if (spec.kind == OptimizerSpec::Kind::Sgd)
        sgdStep(spec, buffers.momentum, decayed, values);
    else
        adamStep(spec, step, buffers, decayed, values);
    for (double& value : *parameter)
        value = roundTo(dtype, value);
}

}  // namespace

void optimizerStep(const OptimizerSpec& spec, OptimizerState& state, BatchNorm1d& layer,
                   const BackwardRecord& gradients) {
    if (spec.kind == OptimizerSpec::Kind::None)
        return;
    ++state.steps;
    LayerState& parameters = layer.mutableState();
    const DType dtype = layer.options().dtype;
    updateParameter(spec, state.steps, state.weight, dtype, gradients.gradWeight, parameters.weight);
    updateParameter(spec, state.steps, state.bias, dtype, gradients.gradBias, parameters.bias);
}

}  // namespace bnstudio
