// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/trace_fits.h"

#include "core/run/trace_outputs.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

double roundedToDigits(double value, int digits) {
    if (value == 0)
        return 0;
    const int shift = digits - 1 - static_cast<int>(std::floor(std::log10(std::abs(value))));
    // Powers of ten up to 22 are exact; dividing by them gives the double nearest to the decimal.
    const double power = std::pow(10.0, std::abs(shift));
    return shift >= 0 ? std::round(value * power) / power : std::round(value / power) * power;
}

/// A setting was typed by somebody: the fewest digits that the data allow.
FittedValue shortest(double value, double error) {
    constexpr int mostDigits = 6;
    for (int digits = 1; digits <= mostDigits; ++digits) {
        const double rounded = roundedToDigits(value, digits);
        if (std::abs(rounded - value) <= error)
            return {rounded, 0};
    }
    return {value, error};
}

}  // namespace

void ParameterFit::add(double slope, double y, double tolerance) {
    const double weight = 1 / (tolerance * tolerance);
    const double product = slope * y * weight, square = slope * slope * weight;
    if (!std::isfinite(product) || !std::isfinite(square))
        return;
    m_step.product += product;
    m_step.square += square;
}

void ParameterFit::endStep() {
    if (m_step.square > 0)
        m_steps.push_back(m_step);
    m_step = {};
}

std::optional<FittedValue> ParameterFit::value() const {
    if (m_steps.empty())
        return std::nullopt;
    std::vector<Sums> sorted = m_steps;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end(),
                     [](const Sums& a, const Sums& b) { return a.estimate() < b.estimate(); });
    const double median = middle->estimate();
    Sums total;
    for (const Sums& step : m_steps) {
        const double near = 0.1 * std::abs(median) + 3 / std::sqrt(step.square);
        if (std::abs(step.estimate() - median) > near)
            continue;
        total.product += step.product;
        total.square += step.square;
    }
    const double value = total.estimate();
    const double deviation = 1 / std::sqrt(total.square), error = 3 * deviation + 1e-6 * std::abs(value);
    if (std::abs(value) <= deviation)  // as good as 0, and its digits are noise
        return FittedValue{0, error};
    return shortest(value, error);
}

void TraceFits::addRunning(const TraceStep& step, StepStatistics& statistics, const StepPast& past) {
    const BatchStatistics& batch = statistics.of({}).front().statistics;
    const double u = unitRoundoff(step.dtype);
    const double toUnbiased = static_cast<double>(batch.n) / static_cast<double>(batch.n - 1);
    const auto add = [&](ParameterFit& fit, const ChannelVector& before, const ChannelVector& after,
                         const std::vector<double>& values, const std::vector<double>& errors, double scale) {
        for (std::size_t c = 0; c < after.size(); ++c) {
            const double s = scale * values[c];
            fit.add(s - before[c], after[c] - before[c],
                    2 * u * (std::abs(before[c]) + std::abs(after[c])) + scale * errors[c]);
        }
    };
    if (step.runningMean && past.before.runningMean) {
        for (ParameterFit* fit : {&momentum, &momentumBiased})
            add(*fit, *past.before.runningMean, *step.runningMean, batch.mean, batch.meanTolerance, 1);
    }
    if (step.runningVar && past.before.runningVar) {
        add(momentum, *past.before.runningVar, *step.runningVar, batch.var, batch.varTolerance, toUnbiased);
        add(momentumBiased, *past.before.runningVar, *step.runningVar, batch.var, batch.varTolerance, 1);
    }
    momentum.endStep();
    momentumBiased.endStep();
}

void TraceFits::addOutput(const TraceStep& step, StepStatistics& statistics, const StepPast& past,
                          const StepRule& rule) {
    const Normalisation used = normalisation(step, statistics, rule, past).front();
    const BatchShape shape = BatchShape::of(step.x.shape());
    std::vector<double> xy(used.mean.size()), xx(used.mean.size());
    for (std::int64_t i = 0; i < step.x.size(); ++i) {
        const auto c = static_cast<std::size_t>(i / shape.l % shape.c);
        const double d = (step.x.at(i) - used.mean[c]) - used.meanLow[c];
        xy[c] += d * (step.y.at(i) - step.biasOf(c));
        xx[c] += d * d;
    }
    const double stored = step.yStored == step.dtype ? 0 : unitRoundoff(step.yStored);
    for (std::size_t c = 0; c < xx.size(); ++c) {
        const double inverse = xx[c] * step.weightOf(c) / xy[c];  // 1/invstd
        const double var = used.var[c], deviation = std::sqrt(var);
        const double error = used.invstdTolerance[c] + stored;
        eps.add(1, inverse * inverse - var, 2 * error * inverse * inverse);
        epsOutside.add(1, inverse - deviation, error * std::abs(inverse));
    }
    eps.endStep();
    epsOutside.endStep();
}

void TraceFits::addGradients(const TraceStep& step, StepStatistics& statistics, const StepPast& past,
                             const StepRule& rule) {
    const std::vector<ChannelGradient> expected = parameterGradients(step, statistics, rule, past);
    for (std::size_t c = 0; c < expected.size(); ++c) {
        if (step.gradBias)
            gradients.add(expected[c].sumDy, (*step.gradBias)[c], expected[c].biasTolerance);
        if (step.gradWeight)
            gradients.add(expected[c].sumDyXhat, (*step.gradWeight)[c], expected[c].weightTolerance);
    }
    gradients.endStep();
}

}  // namespace bnstudio
