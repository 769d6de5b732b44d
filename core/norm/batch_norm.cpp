// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/batch_norm.h"

#include "core/error.h"
#include "core/norm/forward_checks.h"
#include "core/norm/normalize.h"
#include "core/norm/python_text.h"
#include "core/norm/running_stats.h"
#include "core/standard_arithmetic.h"

#include <cassert>
#include <cmath>

namespace bnstudio {

namespace {

ChannelVector filled(std::int64_t channels, double value) {
    return ChannelVector(static_cast<std::size_t>(channels), value);
}

void checkEps(double eps) {
    if (!(eps >= 0) || std::isinf(eps))
        throw Error(ErrorCode::Usage, "batch_norm eps must be positive, but got " + pythonFloat(eps));
}

void checkLayerDType(const LayerOptions& options) {
    if (isLayerDType(options.dtype))
        return;
    const bool floating = options.dtype == DType::Float16 || options.dtype == DType::BFloat16;
    throw Error(ErrorCode::Usage,
                options.affine && !floating
                    ? "Only Tensors of floating point and complex dtype can require gradients"
                    : "dtype of a BatchNorm1d must be float32 or float64, but got " + std::string(name(options.dtype)));
}

/// What calling a method on an absent tensor says in Python.
void requirePresent(bool present, const char* method) {
    if (!present)
        throw Error(ErrorCode::Refused, std::string("'NoneType' object has no attribute '") + method + "'");
}

/// What reset_running_stats() needs, in the order in which it does.
void requireBuffers(const LayerState& state) {
    requirePresent(state.runningMean.has_value(), "zero_");
    requirePresent(state.runningVar.has_value(), "fill_");
    requirePresent(state.numBatchesTracked.has_value(), "zero_");
}

/// num_batches_tracked + 1 as an int64 tensor computes it: past the end it wraps (semantics 44).
std::int64_t next(std::int64_t counter) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(counter) + 1);
}

void takeMoments(ForwardRecord& record, const Moments& moments) {
    record.mean = moments.mean;
    record.meanLow = moments.meanLow;
    record.var = moments.var;
}

const double* data(const std::optional<ChannelVector>& values) {
    return values ? values->data() : nullptr;
}

}  // namespace

BatchNorm1d::BatchNorm1d(const LayerOptions& options) : m_options(options) {
    if (options.numFeatures < 0)
        throw Error(ErrorCode::Usage, "Trying to create tensor with negative dimension "
                                          + std::to_string(options.numFeatures) + ": ["
                                          + std::to_string(options.numFeatures) + "]");
    checkLayerDType(options);
    checkEps(options.eps);
    setAffine(options.affine);
    if (options.trackRunningStats) {
        m_state.runningMean = filled(options.numFeatures, 0.0);
        m_state.runningVar = filled(options.numFeatures, 1.0);
        m_state.numBatchesTracked = 0;
    }
}

void BatchNorm1d::setEps(double eps) {
    checkEps(eps);
    m_options.eps = eps;
}

void BatchNorm1d::setAffine(bool on) {
    m_options.affine = on;
    if (!on) {
        m_state.weight.reset();
        m_state.bias.reset();
        return;
    }
    if (!m_state.weight)
        m_state.weight = filled(m_options.numFeatures, 1.0);
    if (!m_state.bias)
        m_state.bias = filled(m_options.numFeatures, 0.0);
}

void BatchNorm1d::resetRunningStats() {
    if (!m_options.trackRunningStats)
        return;
    requireBuffers(m_state);
    m_state.runningMean->assign(m_state.runningMean->size(), 0.0);
    m_state.runningVar->assign(m_state.runningVar->size(), 1.0);
    m_state.numBatchesTracked = 0;
}

void BatchNorm1d::resetParameters() {
    if (m_options.trackRunningStats)
        requireBuffers(m_state);
    if (m_options.affine) {
        requirePresent(m_state.weight.has_value(), "fill_");
        requirePresent(m_state.bias.has_value(), "zero_");
    }
    resetRunningStats();
    if (m_options.affine) {
        m_state.weight->assign(m_state.weight->size(), 1.0);
        m_state.bias->assign(m_state.bias->size(), 0.0);
    }
}

ForwardRecord BatchNorm1d::forward(const Tensor& x, Tensor* y, const Moments* known) {
    ForwardRecord record;
    forward(x, y, known, record);
    return record;
}

void BatchNorm1d::forward(const Tensor& x, Tensor* y, const Moments* known, ForwardRecord& record) {
    const StandardArithmetic arithmetic;
    checkRank(x.shape());
    const BatchShape shape = BatchShape::of(x.shape());
    const bool update = m_training && m_options.trackRunningStats;

    for (std::vector<double>* values : {&record.mean, &record.meanLow, &record.var, &record.invstd})
        values->clear();
    record.updatedMean = record.updatedVar = false;
    record.valuesPerChannel = shape.valuesPerChannel();
    record.usedBatchStatistics = m_training || (!m_state.runningMean && !m_state.runningVar);
    record.factor = m_options.momentum.value_or(0.0);
    record.counted = update && m_state.numBatchesTracked.has_value();
    if (record.counted) {  // before every other check: semantics 8
        m_state.numBatchesTracked = next(*m_state.numBatchesTracked);
        if (!m_options.momentum && *m_state.numBatchesTracked == 0)
            throw Error(ErrorCode::Refused, "float division by zero");
        if (!m_options.momentum)
            record.factor = 1.0 / static_cast<double>(*m_state.numBatchesTracked);
    }

    const PassedState passed(m_state, !m_training || m_options.trackRunningStats);
    if (record.usedBatchStatistics)
        checkBatchSize(x.shape());
    if (x.size() == 0) {
        checkEmptyBatch(passed);
        if (y)
            y->reshapeFor(dtypeOfEmptyOutput(passed, x.dtype(), m_options.dtype), x.shape());
        return;
    }
    checkChannels(passed, shape.c, record.usedBatchStatistics);
    checkDType(passed, x.dtype(), m_options.dtype);

    // Kept from one step to the next by the calling thread; taken away while in use.
    static thread_local Moments idle;
    Moments own = std::move(idle);
    if (!record.usedBatchStatistics) {
        // An eps too small for the layer's dtype is zero in PyTorch's eval forward (semantics 4).
        record.mean = *m_state.runningMean;
        record.meanLow.assign(record.mean.size(), 0.0);
        record.var = *m_state.runningVar;
        inverseStd(record.var, roundTo(m_options.dtype, m_options.eps) == 0 ? 0.0 : m_options.eps, record.invstd);
    } else if (y && !known) {
        normalizeWithBatchStatistics(x, m_options.eps, data(m_state.weight), data(m_state.bias), own, record.invstd,
                                     *y);
        takeMoments(record, own);
    } else {
        if (!known)
            computeMoments(x, own);
        takeMoments(record, known ? *known : own);
        record.invstd.resize(record.var.size());
        batchInverseStd(kernels(), shape.c, static_cast<double>(record.valuesPerChannel), record.var.data(),
                        (known ? *known : own).sumSquares.data(), m_options.eps, record.invstd.data());
    }
    if (y && (known || !record.usedBatchStatistics))
        normalizeWith(x, record.mean, record.meanLow, record.invstd, data(m_state.weight), data(m_state.bias), *y);

    // Nothing can fail from here on.
    record.updatedMean = update && m_state.runningMean.has_value();
    record.updatedVar = update && m_state.runningVar.has_value();
    if (record.updatedMean)
        updateRunningMean(*m_state.runningMean, record, m_options.dtype);
    if (record.updatedVar)
        updateRunningVar(*m_state.runningVar, known ? known->sumSquares : own.sumSquares, record, m_options.dtype);
    idle = std::move(own);
}

BackwardRecord BatchNorm1d::backward(const Tensor& x, const Tensor& dy, const ForwardRecord& record,
                                     Tensor* gradInput) const {
    const StandardArithmetic arithmetic;
    if (dy.shape() != x.shape() || dy.dtype() != x.dtype())
        throw Error(ErrorCode::Usage, "dy is " + std::string(name(dy.dtype())) + " of shape " + shapeText(dy.shape())
                                          + ", but must be " + std::string(name(x.dtype())) + " of shape "
                                          + shapeText(x.shape()) + " like the input");
    const bool empty = x.size() == 0;
    BackwardRecord result;
    if (empty) {
        result.sumDy = result.sumDyXhat = filled(m_options.numFeatures, 0.0);
        if (gradInput)
            gradInput->reshapeFor(x.dtype(), x.shape());
    } else {
        if (record.mean.size() != static_cast<std::size_t>(x.shape()[1]))
            throw Error(ErrorCode::Usage, "record holds " + std::to_string(record.mean.size())
                                              + " channels, but the input has shape " + shapeText(x.shape())
                                              + "; pass the record of the forward that saw this input");
        checkChannels(PassedState(m_state, false), x.shape()[1], true);
        GradientSums sums;
        backwardPass(x, dy,
                     {record.mean, record.meanLow, record.invstd, data(m_state.weight), record.usedBatchStatistics},
                     sums, gradInput);
        result.sumDy = std::move(sums.dy);
        result.sumDyXhat = std::move(sums.dyXhat);
    }
    const auto rounded = [&](ChannelVector values, std::size_t length) {
        values.resize(length);  // an empty batch may come with parameters of any length
        for (double& value : values)
            value = roundTo(m_options.dtype, value);
        return values;
    };
    if (m_state.weight)
        result.gradWeight = rounded(result.sumDyXhat, m_state.weight->size());
    if (m_state.bias)
        result.gradBias = rounded(result.sumDy, m_state.bias->size());
    return result;
}

std::string BatchNorm1d::extraRepr() const {
    return std::to_string(m_options.numFeatures) + ", eps=" + pythonFloat(m_options.eps)
           + ", momentum=" + pythonFloat(m_options.momentum) + ", affine=" + pythonBool(m_options.affine)
           + ", track_running_stats=" + pythonBool(m_options.trackRunningStats);
}

std::vector<ChannelTransform> channelTransforms(const ForwardRecord& record, const LayerState& parameters,
                                                const BackwardRecord* backward) {
    std::vector<ChannelTransform> transforms(record.mean.size());
    const double n = static_cast<double>(record.valuesPerChannel);
    for (std::size_t c = 0; c < transforms.size(); ++c) {
        ChannelTransform& t = transforms[c];
        t.mean = record.mean[c];
        t.meanLow = record.meanLow[c];
        t.invstd = record.invstd[c];
        if (parameters.weight)
            t.weight = (*parameters.weight)[c];
        // An infinite invstd (eval with running_var + eps = 0) gives NaN in PyTorch, which computes Inf·x + (β − Inf)
        // (semantics 32). The difference is 0 for every finite invstd.
        t.bias = (parameters.bias ? (*parameters.bias)[c] : 0.0) + (t.invstd - t.invstd);
        if (backward && record.usedBatchStatistics) {
            t.gradMeanTerm = backward->sumDy[c] / n;
            t.gradVarTerm = backward->sumDyXhat[c] / n;
        }
    }
    return transforms;
}

}  // namespace bnstudio
