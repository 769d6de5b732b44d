// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/trace_outputs.h"

#include "core/norm/batch_norm.h"
#include "core/norm/double_double.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

void takeRunning(const TraceStep& step, const LayerState& before, Normalisation& used) {
    used.mean = *before.runningMean;
    used.var = *before.runningVar;
    used.meanLow.assign(used.mean.size(), 0.0);
    used.meanTolerance = used.varTolerance = std::vector<double>(used.mean.size(), 0.0);
    // PyTorch's eval forward rounds eps to the dtype and adds it there: one rounding of the sum.
    for (std::size_t c = 0; c < used.var.size(); ++c)
        used.varTolerance[c] = unitRoundoff(step.dtype) * std::abs(used.var[c]);
}

void addInverse(const TraceStep& step, const StepRule& rule, Normalisation& used) {
    for (std::size_t c = 0; c < used.var.size(); ++c) {
        const double var = used.var[c];
        const double deviation = std::sqrt(std::max(var, 0.0));
        used.invstd.push_back(rule.epsOutsideRoot ? 1 / (deviation + rule.eps) : 1 / std::sqrt(var + rule.eps));
        // d(1/√v) = −dv/2v·1/√v; two roundings in the root and the quotient, here and there.
        const double under = rule.epsOutsideRoot ? deviation * (deviation + rule.eps) : var + rule.eps;
        const double slack =
            rule.epsOutsideRoot ? rule.epsSlack / (deviation + rule.eps) : 0.5 * rule.epsSlack / (var + rule.eps);
        used.invstdTolerance.push_back((under > 0 ? 0.5 * used.varTolerance[c] / under : 0)
                                       + 4 * unitRoundoff(step.dtype) + step.shortRoundoff() + slack);
    }
}

/// x̂ and its error for one channel, ready for every element.
struct ChannelOutput {
    ChannelTransform transform;
    double slope = 0, meanPart = 0, slopePart = 0, fixedPart = 0, u = 0;
    ChannelOutput(const TraceStep& step, const Normalisation& used, std::size_t c)
        : u(std::max(unitRoundoff(step.dtype), step.shortRoundoff())) {
        transform.mean = used.mean[c];
        transform.meanLow = used.meanLow[c];
        transform.invstd = used.invstd[c];
        transform.weight = step.weightOf(c);
        transform.bias = step.biasOf(c);
        slope = std::abs(transform.weight * transform.invstd);
        meanPart = slope * used.meanTolerance[c];
        slopePart = slope * (used.invstdTolerance[c] + 2 * u);
        fixedPart = meanPart + 2 * u * (slope * std::abs(transform.mean) + std::abs(transform.bias));
    }
    /// PyTorch forms y as α·x + β with rounded α and β: both products count, not only their difference.
    double tolerance(double x, double y) const {
        return fixedPart + slopePart * std::abs(x - transform.mean) + 2 * u * (slope * std::abs(x) + std::abs(y));
    }
};

std::vector<ChannelTransform> transformsOf(const TraceStep& step, const Normalisation& used) {
    std::vector<ChannelTransform> transforms(used.mean.size());
    for (std::size_t c = 0; c < transforms.size(); ++c)
        transforms[c] = {used.mean[c], used.meanLow[c], used.invstd[c], step.weightOf(c), step.biasOf(c), 0, 0};
    return transforms;
}

/// Sums over the batch, a value a channel: S, Σdy·x̂ and the squares of their terms.
struct GradientSums {
    std::vector<DoubleDouble> dy, dyXhat;
    std::vector<double> dySquare, dyXhatSquare;
};

void add(DoubleDouble& sum, double value) {
    const DoubleDouble next = twoSum(sum.high, value);
    sum = {next.high, sum.low + next.low};
}

GradientSums sumGradients(const Tensor& x, const Tensor& dy, const std::vector<ChannelTransform>& transforms) {
    const BatchShape shape = BatchShape::of(x.shape());
    const std::size_t channels = transforms.size();
    GradientSums sums{std::vector<DoubleDouble>(channels), std::vector<DoubleDouble>(channels),
                      std::vector<double>(channels), std::vector<double>(channels)};
    for (std::int64_t i = 0; i < x.size(); ++i) {
        const auto c = static_cast<std::size_t>(i / shape.l % shape.c);
        const double g = dy.at(i), product = g * transforms[c].xhat(x.at(i));
        add(sums.dy[c], g);
        add(sums.dyXhat[c], product);
        sums.dySquare[c] += g * g;
        sums.dyXhatSquare[c] += product * product;
    }
    return sums;
}

ChannelGradient channelGradient(const TraceStep& step, const Normalisation& used, const GradientSums& sums,
                                std::size_t c) {
    const double n = static_cast<double>(step.n);
    ChannelGradient g{sums.dy[c].high + sums.dy[c].low, sums.dyXhat[c].high + sums.dyXhat[c].low, 0, 0};
    const double u = unitRoundoff(step.dtype);
    g.biasTolerance =
        sumTolerance(step.dtype, step.n, g.sumDy, std::sqrt(sums.dySquare[c] / n)) + u * std::abs(g.sumDy);
    // A mean that is off by e adds e·invstd·Σdy; x − mean is rounded before it is multiplied.
    g.weightTolerance = sumTolerance(step.dtype, step.n, g.sumDyXhat, std::sqrt(sums.dyXhatSquare[c] / n))
                        + used.meanTolerance[c] * used.invstd[c] * (std::abs(g.sumDy) + g.biasTolerance)
                        + std::abs(g.sumDyXhat) * (used.invstdTolerance[c] + 2 * u);
    return g;
}

void checkParameter(const TraceStep& step, TraceQuantity quantity, const StepRule& rule,
                    const std::optional<ChannelVector>& recorded, const std::optional<ChannelVector>& earlier,
                    const std::vector<ChannelGradient>& gradients, std::vector<TraceCheck>& checks) {
    if (!recorded)
        return;
    CheckBuilder check(step, quantity);
    for (std::size_t c = 0; c < recorded->size(); ++c) {
        const bool isBias = quantity == TraceQuantity::GradBias;
        double expected = rule.gradientScale * (isBias ? gradients[c].sumDy : gradients[c].sumDyXhat);
        const double own = isBias ? gradients[c].biasTolerance : gradients[c].weightTolerance;
        double tolerance = std::abs(rule.gradientScale) * own;
        if (rule.accumulates && earlier) {
            expected += (*earlier)[c];
            tolerance += unitRoundoff(step.dtype) * (std::abs((*earlier)[c]) + std::abs(expected));
        }
        check.addStored(step.stateStored, c, -1, expected, (*recorded)[c], tolerance);
    }
    checks.push_back(check.take());
}

TraceCheck checkGradInput(const TraceStep& step, const StepRule& rule, const Normalisation& used, const Tensor& x,
                          const std::vector<ChannelGradient>& gradients) {
    std::vector<ChannelTransform> transforms = transformsOf(step, used);
    const double n = static_cast<double>(step.n);
    const double u = unitRoundoff(step.dtype);
    const BatchShape shape = BatchShape::of(x.shape());
    for (std::size_t c = 0; c < transforms.size() && rule.training; ++c) {
        transforms[c].gradMeanTerm = gradients[c].sumDy / n;
        transforms[c].gradVarTerm = gradients[c].sumDyXhat / n;
    }
    CheckBuilder check(step, TraceQuantity::GradInput);
    for (std::int64_t i = 0; i < x.size(); ++i) {
        const auto c = static_cast<std::size_t>(i / shape.l % shape.c);
        const ChannelTransform& t = transforms[c];
        const double dy = step.gradOutput.at(i), xhat = std::abs(t.xhat(x.at(i)));
        const double expected = t.gradInput(x.at(i), dy);
        const double slope = std::abs(t.invstd * t.weight);
        const double xhatError = used.meanTolerance[c] * t.invstd + xhat * (used.invstdTolerance[c] + 2 * u);
        const double sumErrors = rule.training ? gradients[c].biasTolerance / n
                                                     + (xhat + xhatError) * gradients[c].weightTolerance / n
                                                     + xhatError * std::abs(t.gradVarTerm)
                                               : 0;
        const double terms = std::abs(dy) + std::abs(t.gradMeanTerm) + xhat * std::abs(t.gradVarTerm);
        check.addStored(step.gradInputStored, c, i, expected, step.gradInput.at(i),
                        slope * (sumErrors + 4 * u * terms) + std::abs(expected) * used.invstdTolerance[c]);
    }
    return check.take();
}

}  // namespace

std::vector<Normalisation> normalisation(const TraceStep& step, StepStatistics& statistics, const StepRule& rule,
                                         const StepPast& past) {
    std::vector<Normalisation> result;
    if (!rule.training) {
        result.emplace_back();
        takeRunning(step, past.before, result.back());
    } else {
        for (const StepStatistics::Part& part : statistics.of({rule.roundedInput, rule.parts})) {
            const BatchStatistics& batch = part.statistics;
            result.push_back(
                {part.firstRow, batch.mean, batch.meanLow, batch.var, {}, batch.meanTolerance, batch.varTolerance, {}});
        }
    }
    for (Normalisation& used : result)
        addInverse(step, rule, used);
    return result;
}

TraceCheck checkOutput(const TraceStep& step, StepStatistics& statistics, const StepRule& rule, const StepPast& past) {
    const std::vector<Normalisation> parts = normalisation(step, statistics, rule, past);
    const Tensor& x = statistics.batch(rule.roundedInput);
    const BatchShape shape = BatchShape::of(x.shape());
    const DType stored = rule.roundedOutput == DType::Float64 ? step.yStored : rule.roundedOutput;
    CheckBuilder check(step, TraceQuantity::Y);
    for (std::size_t part = 0; part < parts.size(); ++part) {
        std::vector<ChannelOutput> outputs;
        for (std::size_t c = 0; c < parts[part].mean.size(); ++c)
            outputs.emplace_back(step, parts[part], c);
        const std::int64_t row = shape.c * shape.l;
        const std::int64_t end = part + 1 < parts.size() ? parts[part + 1].firstRow : shape.n;
        for (std::int64_t i = parts[part].firstRow * row; i < end * row; ++i) {
            const auto c = static_cast<std::size_t>(i / shape.l % shape.c);
            const double value = x.at(i), expected = outputs[c].transform.y(value);
            check.addStored(stored, c, i, expected, step.y.at(i), outputs[c].tolerance(value, expected));
        }
    }
    return check.take();
}

std::vector<ChannelGradient> parameterGradients(const TraceStep& step, StepStatistics& statistics, const StepRule& rule,
                                                const StepPast& past) {
    const Normalisation used = normalisation(step, statistics, rule, past).front();
    const GradientSums sums =
        sumGradients(statistics.batch(rule.roundedInput), step.gradOutput, transformsOf(step, used));
    std::vector<ChannelGradient> gradients;
    for (std::size_t c = 0; c < used.mean.size(); ++c)
        gradients.push_back(channelGradient(step, used, sums, c));
    return gradients;
}

void checkGradients(const TraceStep& step, StepStatistics& statistics, const StepRule& rule, const StepPast& past,
                    std::vector<TraceCheck>& checks) {
    const bool usable = rule.training || (past.before.runningMean && past.before.runningVar);
    if (!usable || !(step.gradBias || step.gradWeight || step.hasGradInput))
        return;
    const std::vector<ChannelGradient> gradients = parameterGradients(step, statistics, rule, past);
    checkParameter(step, TraceQuantity::GradBias, rule, step.gradBias, past.gradBias, gradients, checks);
    checkParameter(step, TraceQuantity::GradWeight, rule, step.gradWeight, past.gradWeight, gradients, checks);
    if (step.hasGradInput)
        checks.push_back(checkGradInput(step, rule, normalisation(step, statistics, rule, past).front(),
                                        statistics.batch(rule.roundedInput), gradients));
}

}  // namespace bnstudio
