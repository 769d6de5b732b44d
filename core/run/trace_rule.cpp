// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/trace_rule.h"

#include "core/run/trace_outputs.h"

#include <cmath>
#include <limits>

namespace bnstudio {

namespace {

/// Values a channel and how far PyTorch's may lie from them.
struct Expected {
    std::vector<double> values, tolerance;
};

/// r ← keep·r + (1 − keep)·s, and three roundings of the terms: two products and their sum. The momentum itself is
/// rounded to the dtype, which weighs on 1 − momentum when that is small. A layer in a shorter type rounds both products
/// to it; the sum's own rounding is that of the stored value.
Expected blended(const ChannelVector& running, const std::vector<double>& batch, const std::vector<double>& batchError,
                 const StepRule& rule, const TraceStep& step) {
    const double u = unitRoundoff(step.dtype);
    const double keep = std::pow(1 - rule.factor, rule.repeats);
    const double add = 1 - keep;
    Expected expected;
    for (std::size_t c = 0; c < running.size(); ++c) {
        const double kept = keep * running[c], added = add * batch[c];
        const double slack = rule.repeats * rule.factorSlack * std::abs(batch[c] - running[c]);
        expected.values.push_back(kept + added);
        const double roundings = (3 * u + step.shortRoundoff()) * (std::abs(kept) + std::abs(added))
                                 + u * std::abs(rule.factor) * (std::abs(running[c]) + std::abs(batch[c]));
        expected.tolerance.push_back(rule.repeats * roundings + std::abs(add) * batchError[c] + slack);
    }
    return expected;
}

std::vector<double> unbiased(const std::vector<double>& var, std::int64_t n) {
    std::vector<double> values = var;
    for (double& value : values)
        value *= static_cast<double>(n) / static_cast<double>(n - 1);
    return values;
}

/// The batch that the running statistics take.
const BatchStatistics* updatingBatch(StepStatistics& statistics, const StepRule& rule, const StepPast& past) {
    if (rule.previousBatch)
        return past.previousBatch ? &*past.previousBatch : nullptr;
    return &statistics.of({rule.roundedInput, rule.parts}).front().statistics;
}

Expected runningAfter(bool isVar, const TraceStep& step, StepStatistics& statistics, const StepRule& rule,
                      const StepPast& past) {
    const ChannelVector& running = isVar ? *past.before.runningVar : *past.before.runningMean;
    const BatchStatistics* batch = rule.training ? updatingBatch(statistics, rule, past) : nullptr;
    if (!batch || rule.repeats == 0 || step.n == 0)  // a batch without values is counted and changes nothing
        return {running, std::vector<double>(running.size(), 0.0)};
    if (!isVar) {
        std::vector<double> mean = batch->mean;
        for (std::size_t c = 0; c < mean.size(); ++c)
            mean[c] += batch->meanLow[c];
        return blended(running, mean, batch->meanTolerance, rule, step);
    }
    if (rule.biased)
        return blended(running, batch->var, batch->varTolerance, rule, step);
    return blended(running, unbiased(batch->var, batch->n), unbiased(batch->varTolerance, batch->n), rule, step);
}

void checkRunning(bool isVar, const TraceStep& step, StepStatistics& statistics, const StepRule& rule,
                  const StepPast& past, std::vector<TraceCheck>& checks) {
    const auto& recorded = isVar ? step.runningVar : step.runningMean;
    const auto& before = isVar ? past.before.runningVar : past.before.runningMean;
    if (!recorded || !before)
        return;
    const DType stored = rule.roundedStatistics == DType::Float64 ? step.stateStored : rule.roundedStatistics;
    const Expected expected = runningAfter(isVar, step, statistics, rule, past);
    CheckBuilder check(step, isVar ? TraceQuantity::RunningVar : TraceQuantity::RunningMean);
    for (std::size_t c = 0; c < recorded->size(); ++c)
        check.addStored(stored, c, -1, expected.values[c], (*recorded)[c], expected.tolerance[c]);
    checks.push_back(check.take());
}

void checkCounter(const TraceStep& step, const StepRule& rule, const StepPast& past, std::vector<TraceCheck>& checks) {
    if (!step.tracked || !past.before.numBatchesTracked || rule.ignoresCounter)
        return;
    const std::int64_t expected = *past.before.numBatchesTracked + (rule.training ? 1 : 0);
    CheckBuilder check(step, TraceQuantity::BatchesTracked);
    check.add(0, -1, static_cast<double>(expected), static_cast<double>(*step.tracked), 0);
    TraceCheck made = check.take();
    made.channel = -1;
    checks.push_back(made);
}

void checkNormalisation(const TraceStep& step, const Normalisation& used, std::vector<TraceCheck>& checks) {
    const auto one = [&](TraceQuantity quantity, const ChannelVector& recorded, const std::vector<double>& expected,
                         const std::vector<double>& tolerance) {
        CheckBuilder check(step, quantity);
        // A recorder may compute them itself, in another order: once more the same error.
        for (std::size_t c = 0; c < recorded.size(); ++c)
            check.add(c, -1, expected[c], recorded[c],
                      2 * tolerance[c] + 2 * unitRoundoff(step.dtype) * std::abs(expected[c]));
        checks.push_back(check.take());
    };
    if (step.mean)
        one(TraceQuantity::Mean, *step.mean, used.mean, used.meanTolerance);
    if (step.var)
        one(TraceQuantity::Var, *step.var, used.var, used.varTolerance);
}

}  // namespace

StepRule torchRule(const TraceStep& step) {
    StepRule rule;
    rule.training = step.training;
    rule.eps = step.eps;
    rule.factor = step.momentum.value_or(0);
    if (!step.momentum && step.training) {
        const auto& before = step.before.numBatchesTracked;
        const std::int64_t counter = before ? *before + 1 : step.tracked.value_or(step.index + 1);
        rule.factor = 1 / static_cast<double>(counter);
    }
    return rule;
}

double excessOf(double expected, double recorded, double tolerance) {
    if (expected == recorded || (std::isnan(expected) && std::isnan(recorded)))
        return 0;
    const double error = std::abs(recorded - expected);
    if (!std::isfinite(error) || !(tolerance > 0))
        return std::numeric_limits<double>::infinity();
    return error / tolerance;
}

CheckBuilder::CheckBuilder(const TraceStep& step, TraceQuantity quantity) {
    m_check.index = step.index;
    m_check.step = step.number;
    m_check.quantity = quantity;
    m_check.excess = -1;
}

void CheckBuilder::add(std::size_t channel, std::int64_t element, double expected, double recorded, double tolerance) {
    const double excess = excessOf(expected, recorded, tolerance);
    const auto c = static_cast<std::int64_t>(channel);
    if (excess > 1) {
        m_beyond.resize(std::max(m_beyond.size(), channel + 1));
        m_beyond[channel] = true;
    }
    if (excess <= m_check.excess)
        return;
    m_check.channel = c;
    m_check.element = element;
    m_check.expected = expected;
    m_check.recorded = recorded;
    m_check.tolerance = tolerance;
    m_check.excess = excess;
}

void CheckBuilder::addStored(DType stored, std::size_t channel, std::int64_t element, double expected, double recorded,
                             double tolerance) {
    if (stored != DType::Float16 && stored != DType::BFloat16) {
        add(channel, element, expected, recorded, tolerance);
        return;
    }
    // Whatever is no number of that dtype cannot have been stored in it.
    const bool possible = roundToStored(stored, recorded) == recorded || std::isnan(recorded);
    constexpr double leastHalf = 0x1p-25;  // half of float16's smallest number
    add(channel, element, expected, recorded,
        possible ? tolerance + unitRoundoff(stored) * std::abs(expected) + leastHalf : 0);
}

TraceCheck CheckBuilder::take() {
    m_check.excess = std::max(m_check.excess, 0.0);
    m_check.channelsBeyond = std::count(m_beyond.begin(), m_beyond.end(), true);
    return m_check;
}

std::vector<TraceCheck> checkStep(const TraceStep& step, StepStatistics& statistics, const StepRule& rule,
                                  const StepPast& past) {
    std::vector<TraceCheck> checks;
    if (step.hasX) {
        const bool usable = rule.training || (past.before.runningMean && past.before.runningVar);
        if (usable && rule.parts == 1)
            checkNormalisation(step, normalisation(step, statistics, rule, past).front(), checks);
        if (usable && step.hasY)
            checks.push_back(checkOutput(step, statistics, rule, past));
    }
    checkRunning(false, step, statistics, rule, past, checks);
    checkRunning(true, step, statistics, rule, past, checks);
    checkCounter(step, rule, past, checks);
    if (step.hasGradOutput && rule.parts == 1)
        checkGradients(step, statistics, rule, past, checks);
    return checks;
}

LayerState buffersAfter(const TraceStep& step, StepStatistics& statistics, const StepRule& rule, const StepPast& past) {
    LayerState after = past.before;
    const auto take = [&](bool isVar, std::optional<ChannelVector>& values) {
        if (!values)
            return;
        values = runningAfter(isVar, step, statistics, rule, past).values;
        for (double& value : *values)
            value = roundTo(step.dtype, value);
    };
    take(false, after.runningMean);
    take(true, after.runningVar);
    if (after.numBatchesTracked && rule.training)
        ++*after.numBatchesTracked;
    return after;
}

}  // namespace bnstudio
