// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/norm/chunks.h"
#include "core/train/training.h"

#include <cassert>
#include <string>

namespace bnstudio {

namespace {

void checkListLength(const char* what, const std::vector<double>& values, std::int64_t channels) {
    if (values.size() != 1 && static_cast<std::int64_t>(values.size()) != channels)
        throw Error(ErrorCode::Usage, std::string(what) + " has " + std::to_string(values.size())
                                          + " values, but must have 1 or one for each of the "
                                          + std::to_string(channels) + " channels");
}

void checkLists(const LossSpec& spec, std::int64_t channels) {
    if (spec.kind == LossSpec::Kind::MseTarget)
        checkListLength("target", spec.target, channels);
    if (spec.kind != LossSpec::Kind::MseTeacher)
        return;
    checkListLength("teacherWeight", spec.teacherWeight, channels);
    checkListLength("teacherBias", spec.teacherBias, channels);
}

/// The target of an element of channel c is weight·x̂ + bias; a constant target has weight 0 and no x̂.
struct LaneTargets {
    bool hasTeacher = false;
    LaneValues mean, meanLow, invstd, weight, bias;

    double at(std::size_t lane, double x) const {
        const double offset = bias.data()[lane];
        if (!hasTeacher)
            return offset;
        const double xhat = ((x - mean.data()[lane]) - meanLow.data()[lane]) * invstd.data()[lane];
        return weight.data()[lane] * xhat + offset;
    }
};

LaneTargets targetsFor(const LossSpec& spec, const ChunkLayout& layout, std::int64_t block,
                       const ForwardRecord& record) {
    LaneTargets targets;
    targets.hasTeacher = spec.kind == LossSpec::Kind::MseTeacher;
    const auto channelValue = [](const std::vector<double>& values) {
        return [&values](std::size_t c) { return perChannel(values, static_cast<std::int64_t>(c)); };
    };
    targets.bias.fill(layout, block, channelValue(targets.hasTeacher ? spec.teacherBias : spec.target));
    if (!targets.hasTeacher)
        return targets;
    targets.weight.fill(layout, block, channelValue(spec.teacherWeight));
    targets.mean.fill(layout, block, [&](std::size_t c) { return record.mean[c]; });
    targets.meanLow.fill(layout, block, [&](std::size_t c) { return record.meanLow[c]; });
    targets.invstd.fill(layout, block, [&](std::size_t c) { return record.invstd[c]; });
    return targets;
}

/// Σ over all channels, in channel order.
double total(std::vector<PairSum> sums) {
    if (sums.empty())
        return 0;
    mergeInTree(sums.data(), static_cast<std::int64_t>(sums.size()), 1);
    return sums[0].totalA();
}

/// Loss Σ(y − t)²/count and gradient 2·(y − t)/count.
template <class T>
double meanSquaredError(const LossSpec& spec, const T* x, const T* y, BatchShape shape, const ForwardRecord& record,
                        T* dy) {
    const ChunkLayout layout(shape);
    const double count = static_cast<double>(shape.n * shape.c * shape.l);
    return total(sumChannels(layout,
                             [&](std::int64_t block) {
                                 return [=, targets = targetsFor(spec, layout, block, record)](
                                            PairSumLanes& lanes, std::int64_t offset, int width) {
                                     for (int i = 0; i < width; ++i) {
                                         const std::int64_t at = offset + i;
                                         const std::size_t lane = static_cast<std::size_t>(i);
                                         const double error =
                                             static_cast<double>(y[at]) - targets.at(lane, static_cast<double>(x[at]));
                                         lanes.a.data()[i] += error * error;
                                         dy[at] = static_cast<T>(2 * error / count);
                                     }
                                 };
                             }))
           / count;
}

template <class T>
double sumOf(const T* y, BatchShape shape, T* dy) {
    const ChunkLayout layout(shape);
    return total(sumChannels(layout, [&](std::int64_t) {
        return [=](PairSumLanes& lanes, std::int64_t offset, int width) {
            for (int i = 0; i < width; ++i) {
                lanes.a.data()[i] += static_cast<double>(y[offset + i]);
                dy[offset + i] = T{1};
            }
        };
    }));
}

template <class T>
double evaluateFor(const LossSpec& spec, const Tensor& x, const Tensor& y, const ForwardRecord& record, Tensor& dy) {
    const BatchShape shape = BatchShape::of(y.shape());
    T* gradient = dy.values<T>().data();
    switch (spec.kind) {
    case LossSpec::Kind::None:
        std::fill_n(gradient, y.size(), T{0});
        return 0;
    case LossSpec::Kind::Sum:
        return sumOf(y.values<T>().data(), shape, gradient);
    case LossSpec::Kind::MseTarget:
    case LossSpec::Kind::MseTeacher:
        break;
    }
    return meanSquaredError(spec, x.values<T>().data(), y.values<T>().data(), shape, record, gradient);
}

}  // namespace

double perChannel(const std::vector<double>& values, std::int64_t channel) {
    return values.size() == 1 ? values[0] : values[static_cast<std::size_t>(channel)];
}

double evaluateLoss(const LossSpec& spec, const Tensor& x, const Tensor& y, const ForwardRecord& record, Tensor& dy) {
    assert(x.shape() == y.shape() && x.dtype() == y.dtype());
    checkLists(spec, y.shape()[1]);
    dy.reshapeFor(y.dtype(), y.shape());
    return y.dtype() == DType::Float32 ? evaluateFor<float>(spec, x, y, record, dy)
                                       : evaluateFor<double>(spec, x, y, record, dy);
}

}  // namespace bnstudio
