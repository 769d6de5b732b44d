// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/batch_norm.h"

namespace bnstudio {

/// 1/√(var + eps), correct to about one rounding even in double.
double inverseStd(double var, double eps);

/// y = x̂·γ + β for every element; @p y gets the dtype and shape of @p x. One transform per channel of x.
void normalize(const Tensor& x, const std::vector<ChannelTransform>& transforms, Tensor& y);

/// S = Σdy and Σdy·x̂ of every channel, in double, with bits that do not depend on the number of threads.
struct GradientSums {
    std::vector<double> dy, dyXhat;
};
GradientSums sumGradients(const Tensor& x, const Tensor& dy, const std::vector<ChannelTransform>& transforms);

/// ∂loss/∂x for every element; @p gradInput gets the dtype and shape of @p x.
void gradientOfInput(const Tensor& x, const Tensor& dy, const std::vector<ChannelTransform>& transforms,
                     Tensor& gradInput);

}  // namespace bnstudio
