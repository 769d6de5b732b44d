// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/python_source.h"

#include "core/data/shortest_decimal.h"
#include "core/explain/pytorch_script.h"
#include "core/run/base64.h"

#include <cmath>
#include <cstdlib>

namespace bnstudio {

namespace {

constexpr std::size_t lineWidth = 116;

/// The shortest decimal of a float32 where Python, which reads it as a double first, arrives at the same float32.
std::string decimal(double value, DType dtype) {
    if (std::isnan(value))
        return "nan";
    if (std::isfinite(value) && dtype == DType::Float32) {
        const std::string text = shortestDecimal(static_cast<float>(value));
        double read = 0;
        std::from_chars(text.data(), text.data() + text.size(), read);
        if (static_cast<double>(static_cast<float>(read)) == value)
            return text;
    }
    return shortestDecimal(value);
}

template <class ValueAt>
std::string decimals(std::int64_t count, DType dtype, const ValueAt& valueAt) {
    std::string text = "[";
    std::size_t column = lineWidth / 2;
    for (std::int64_t i = 0; i < count; ++i) {
        const std::string value = decimal(valueAt(i), dtype);
        if (column + value.size() + 2 > lineWidth) {
            text += "\n    ";
            column = 4;
        } else if (i > 0) {
            text += ' ';
        }
        text += value;
        text += i + 1 < count ? "," : "";
        column += value.size() + 2;
    }
    return text + "]";
}

std::string shapeList(const Dims& shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i ? ", " : "") + std::to_string(shape[i]);
    return text + "]";
}

std::string torchDType(DType dtype) {
    return "torch." + std::string(name(dtype));
}

}  // namespace

std::string pythonTensor(const Tensor& tensor) {
    const std::string rest = ", " + shapeList(tensor.shape()) + ", " + torchDType(tensor.dtype()) + ")";
    if (tensor.size() <= scriptDecimalValues)
        return "tensor(" + decimals(tensor.size(), tensor.dtype(), [&](std::int64_t i) { return tensor.at(i); }) + rest;
    std::vector<double> values(static_cast<std::size_t>(tensor.size()));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = tensor.at(static_cast<std::int64_t>(i));
    return "tensor(\"" + base64OfDoubles(values) + "\"" + rest;
}

std::string pythonVector(const std::vector<double>& values, DType dtype) {
    Tensor tensor(dtype, {static_cast<std::int64_t>(values.size())});
    for (std::size_t i = 0; i < values.size(); ++i)
        tensor.set(static_cast<std::int64_t>(i), values[i]);
    return pythonTensor(tensor);
}

std::string pythonVector(const std::optional<ChannelVector>& values, DType dtype) {
    return values ? pythonVector(*values, dtype) : "None";
}

std::string pythonString(const std::string& text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            quoted += '\\';
        if (c == '\n')
            quoted += "\\n";
        else if (c == '\t')
            quoted += "\\t";
        else
            quoted += c;
    }
    return quoted + '"';
}

const char* const scriptHelpers = R"(import base64
from math import inf, nan

import torch


def tensor(values, shape, dtype):
    if isinstance(values, str):  # little-endian doubles
        values = torch.frombuffer(bytearray(base64.b64decode(values)), dtype=torch.float64)
    return torch.as_tensor(values, dtype=torch.float64).to(dtype).reshape(shape)


def check(name, theirs, ours, allowed):
    """Fails unless the two agree within `allowed`, where that is a number, and NaN stands in the same places."""
    theirs, ours = (torch.as_tensor(v, dtype=torch.float64).detach() for v in (theirs, ours))
    assert theirs.shape == ours.shape, f"{name}: shape {tuple(theirs.shape)} and not {tuple(ours.shape)}"
    allowed = torch.nan_to_num(torch.as_tensor(allowed, dtype=torch.float64), nan=inf)
    same = (theirs == ours) | (theirs.isnan() & ours.isnan()) | ((theirs - ours).abs() <= allowed)
    if not bool(same.all()):
        worst = torch.where(same, torch.zeros_like(ours), (theirs - ours).abs()).max()
        raise AssertionError(f"{name}: PyTorch differs by {worst:.3g}, more than its roundings explain")

)";

// Sums of n terms are off by n·u times the sum of their sizes at most, whatever their order (N. Higham, Accuracy and
// Stability of Numerical Algorithms, section 4.2); the rest follows to first order from what PyTorch computes:
// alpha = invstd·weight, y = x·alpha + (bias - mean·alpha).
const char* const scriptForwardErrors = R"(
# What PyTorch's roundings can add up to. A sum of n terms is off by n·u times the sum of their sizes at most.
u = torch.finfo(dtype).eps / 2
X = x.detach().double()
axes = [0] if X.dim() == 2 else [0, 2]
wide = [1, -1] if X.dim() == 2 else [1, -1, 1]
n = X.numel() // X.shape[1]
gamma = weight.double() if weight is not None else torch.ones_like(mean)
beta = bias.double() if bias is not None else torch.zeros_like(mean)
off_mean = (n + 2) * u * X.abs().amax(axes) if batch_statistics else torch.zeros_like(mean)
off_var = off_mean ** 2 + (n + 8) * u * (var + off_mean ** 2) if batch_statistics else torch.zeros_like(mean)
off_scale = off_var / (var + eps) + 8 * u  # of 1/sqrt(var + eps), relative
alpha = (invstd * gamma.abs() * (1 + off_scale)).reshape(wide)
xhat = (X - mean.reshape(wide)) * invstd.reshape(wide)
off_x = off_mean.reshape(wide) + 6 * u * (X.abs() + mean.abs().reshape(wide))
size_y = (gamma.reshape(wide) * xhat).abs()
off_y = alpha * off_x + off_scale.reshape(wide) * size_y + 4 * u * (size_y + beta.abs().reshape(wide))
)";

const char* const scriptBackwardErrors = R"(
# The gradients: sums of dy and of dy·xhat, and (dy - sum/n - xhat·sum/n)·invstd·weight.
G = dy.double()
size_g = G.abs() + off_dy
sum_g, sum_gx = G.sum(axes), (G * xhat).sum(axes)
off_sum_g = off_dy.sum(axes) + (n + 4) * u * size_g.sum(axes)
size_x = (X - mean.reshape(wide)).abs() + off_x
off_sum_gx = invstd * (1 + off_scale) * ((off_x * size_g).sum(axes) + (size_x * off_dy).sum(axes)
                                         + (n + 4) * u * (size_x * size_g).sum(axes))
off_sum_gx = off_sum_gx + (off_scale + 4 * u) * sum_gx.abs()
part = 1 / n if batch_statistics else 0
size_in = G.abs() + part * (sum_g.abs().reshape(wide) + (xhat * sum_gx.reshape(wide)).abs())
off_xhat = invstd.reshape(wide) * (1 + off_scale.reshape(wide)) * off_x + off_scale.reshape(wide) * xhat.abs()
off_in = off_dy + 6 * u * size_in + part * (
    off_sum_g.reshape(wide) + xhat.abs() * off_sum_gx.reshape(wide)
    + off_xhat * (sum_gx.abs() + off_sum_gx).reshape(wide))
off_grad_x = alpha * (off_in + (off_scale.reshape(wide) + 4 * u) * size_in)
)";

const char* const scriptSgdErrors = R"(

def off_update(parameter, grad, off_grad, state, after):
    """What the updated parameter may be off by when its gradient is off by off_grad."""
    group = optimizer.defaults
    p, g, momentum = parameter.double().abs(), grad.double().abs(), abs(group["momentum"])
    buffer = state.double().abs() if state is not None else torch.zeros_like(p)
    step = g + abs(group["weight_decay"]) * p + momentum * buffer
    return (1 + momentum) * abs(group["lr"]) * (off_grad + 8 * u * step) + 4 * u * (p + after.double().abs())

)";

const char* const scriptAdamErrors = R"(

def off_update(parameter, grad, off_grad, state, after):
    """What the updated parameter may be off by when its gradient is off by off_grad."""
    group = optimizer.defaults
    (beta1, beta2), decay = group["betas"], group["weight_decay"]
    p, g = parameter.double().abs(), (grad.double() + decay * parameter.double()).abs()
    off_g = off_grad + 4 * u * (grad.double().abs() + abs(decay) * p)
    m0, v0 = (s.double() for s in state)
    m, v = beta1 * m0.abs() + (1 - beta1) * g, beta2 * v0 + (1 - beta2) * g ** 2
    off_m = (1 - beta1) * off_g + 8 * u * m
    off_v = (1 - beta2) * (2 * g * off_g + off_g ** 2) + 8 * u * v
    c1, c2 = 1 - beta1 ** steps, 1 - beta2 ** steps
    low = group["eps"] + (v - off_v).clamp(min=0).sqrt() / c2 ** 0.5 * (1 - 8 * u)
    divisor = group["eps"] + v.sqrt() / c2 ** 0.5
    off_divisor = torch.minimum(off_v.sqrt(), off_v / v.sqrt()) / c2 ** 0.5 + 8 * u * divisor
    off_step = (off_m + m * off_divisor / divisor) / low
    return group["lr"] / c1 * (off_step + 8 * u * m / low) + 4 * u * (p + after.double().abs())

)";

}  // namespace bnstudio
