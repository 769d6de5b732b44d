// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/step_numbers.h"
#include "core/norm/double_double.h"

#include <cmath>

namespace bnstudio {

namespace {

constexpr double unit = 0x1p-53;

/// Σx as the core knows it: n times its mean, which has more bits than a double for float64.
double sumOfX(const StepNumbers& numbers) {
    const double n = numbers.count().value;
    const DoubleDouble product = twoProduct(numbers.step.batch.mean[numbers.channel], n);
    const double low = product.low + numbers.step.batch.meanLow[numbers.channel] * n;
    return std::isfinite(low) ? product.high + low : product.high;
}

/// Σx, mean, Σ(x − mean)² and var of the batch.
void addMomentLines(const StepNumbers& numbers, bool aside) {
    const Moments& batch = numbers.step.batch;
    const double mean = batch.mean[numbers.channel], squares = batch.sumSquares[numbers.channel];
    const double sum = sumOfX(numbers);
    const auto x = [&](Cell at) { return numbers.xAt(at); };
    const auto add = [&](Phase phase, std::string symbol, Number result, std::optional<Expression> formula,
                         std::string note = {}) -> Line& {
        Line& line = numbers.add(phase, std::move(symbol), result, std::move(formula), std::move(note));
        line.aside = aside;
        return line;
    };
    if (std::isfinite(mean) && !std::isfinite(sum)) {
        add(Phase::Mean, "mean", numbers.statistic(Origin::Mean, mean), {},
            "The sum of the values is beyond the range of a double; the mean is not.");
    } else {
        add(Phase::Mean, "Σx", numbers.statistic(Origin::SumX, sum, numbers.sumSlack(x)),
            numbers.channelSum(
                sum, [&](Cell at) { return Expression(numbers.x(at)); }, x))
            .detail = true;
        add(Phase::Mean, "mean", numbers.statistic(Origin::Mean, mean),
            Expression(numbers.statistic(Origin::SumX, sum, unit * std::fabs(sum))) / numbers.count());
    }
    const auto squared = [&](Cell at) {
        const double d = (numbers.xAt(at) - mean) - batch.meanLow[numbers.channel];
        return d * d;
    };
    add(Phase::Variance, "Σ(x-mean)²", numbers.statistic(Origin::SumSquares, squares, numbers.sumSlack(squared)),
        numbers.channelSum(
            squares, [&](Cell at) { return square(numbers.aboutBatchMean(at)); }, squared))
        .detail = true;
    add(Phase::Variance, "var", numbers.statistic(Origin::Var, batch.var[numbers.channel]),
        Expression(numbers.statistic(Origin::SumSquares, squares)) / numbers.count(),
        "Divided by n: the biased variance, with which training normalises.");
}

/// In eval the statistics are looked up.
void addRunningAsUsed(const StepNumbers& numbers) {
    const Number mean = numbers.buffer(Origin::RunningMean, numbers.transform().mean);
    const Number var = numbers.buffer(Origin::RunningVar, numbers.step.forward.var[numbers.channel]);
    numbers.add(Phase::Mean, "running_mean", mean, mean, "Eval normalises with what earlier batches left.");
    numbers.add(Phase::Variance, "running_var", var, var);
}

Expression inverseRoot(const Number& var, const Number& eps) {
    return Expression(1.0) / squareRoot(Expression(var) + eps);
}

void addInvStd(const StepNumbers& numbers) {
    const double var = numbers.step.forward.var[numbers.channel];
    const bool training = numbers.inTraining();
    // An eps that the layer's dtype cannot hold is zero in PyTorch's eval forward (semantics 4).
    const double asked = numbers.options().eps;
    const double eps = training || roundTo(numbers.options().dtype, asked) != 0 ? asked : 0.0;
    const Number result = numbers.statistic(Origin::InvStd, numbers.transform().invstd);
    const Number varUsed = training ? numbers.statistic(Origin::Var, var) : numbers.buffer(Origin::RunningVar, var);
    if (training && var == 0 && eps == 0)
        numbers.add(Phase::Normalise, "invstd", result, {},
                    "1/√0 counts as 0 in training, so a constant channel gives β.");
    else
        numbers.add(Phase::Normalise, "invstd", result, inverseRoot(varUsed, StepNumbers::setting(Origin::Eps, eps)),
                    eps != asked ? "eps is too small for the layer's dtype and counts as 0." : "");
}

void addXhat(const StepNumbers& numbers) {
    const Number invstd = numbers.statistic(Origin::InvStd, numbers.transform().invstd);
    numbers.add(Phase::Normalise, "x̂", numbers.xhat(numbers.cell), numbers.centred(numbers.cell) * invstd);
}

void addY(const StepNumbers& numbers) {
    const Number result = numbers.y(numbers.cell);
    const Phase phase = phaseOf(Origin::Y, numbers.step).value_or(Phase::Normalise);
    if (std::isinf(numbers.transform().invstd)) {
        numbers.add(phase, "y", result, {},
                    "invstd is infinite; PyTorch then computes Inf·x + (β - Inf·mean), which is NaN.");
        return;
    }
    Expression formula(numbers.xhat(numbers.cell));
    const auto weight = numbers.weight(), bias = numbers.bias();
    if (weight)
        formula = std::move(formula) * *weight;
    if (bias)
        formula = std::move(formula) + *bias;
    numbers.add(phase, "y", result, std::move(formula), weight || bias ? "" : "affine is off: y is x̂.");
}

/// What training mode would have made of the cell.
void addOtherMode(const StepNumbers& numbers) {
    addMomentLines(numbers, true);
    const double var = numbers.step.batch.var[numbers.channel], eps = numbers.options().eps;
    if (numbers.step.batch.valuesPerChannel < 2 || (var == 0 && eps == 0))
        return;
    const Expression formula =
        numbers.aboutBatchMean(numbers.cell)
        * inverseRoot(numbers.statistic(Origin::Var, var), StepNumbers::setting(Origin::Eps, eps));
    const Number result{evaluate(formula).value, Precision::Float64, numbers.link(Origin::XhatInTraining, numbers.cell),
                        0};
    numbers.add(Phase::Normalise, "x̂ in training", result, formula, "With the statistics of this very batch.").aside =
        true;
}

/// (1 − f)·old + f·new, with f written as the setting it comes from.
Expression blend(const StepNumbers& numbers, Number old, Expression added) {
    const LayerOptions& options = numbers.options();
    Expression factor(StepNumbers::setting(Origin::Momentum, numbers.step.forward.factor));
    if (!options.momentum && numbers.step.forward.counted) {
        const Number counter{static_cast<double>(*numbers.after().numBatchesTracked),
                             Precision::Integer,
                             {Origin::BatchesTrackedAfter},
                             0};
        factor = Expression(1.0) / counter;
    }
    return (Expression(1.0) - factor) * Expression(old) + factor * std::move(added);
}

std::string factorNote(const StepNumbers& numbers) {
    if (numbers.options().momentum)
        return "";
    return numbers.step.forward.counted
               ? "momentum is None: the new batch weighs 1/num_batches_tracked, which makes a plain average."
               : "momentum is None and nothing counts batches: the factor is 0.";
}

void addRunningLine(const StepNumbers& numbers, Origin origin, const std::optional<ChannelVector>& before,
                    const std::optional<ChannelVector>& after, bool updated) {
    if (!before || !after || numbers.channel >= before->size() || !updated)
        return;
    const bool isMean = origin == Origin::RunningMean;
    const Origin resultOrigin = isMean ? Origin::RunningMeanAfter : Origin::RunningVarAfter;
    const char* symbol = isMean ? "running_mean" : "running_var";
    const Number result = numbers.buffer(resultOrigin, (*after)[numbers.channel]);
    if (numbers.inGroups()) {
        numbers.add(Phase::RunningUpdate, symbol, result, {},
                    "Moved once by each of " + std::to_string(numbers.step.groups)
                        + " forwards; what stood between them is not kept.");
        return;
    }
    const ForwardRecord& record = numbers.step.forward;
    const Number old = numbers.buffer(origin, (*before)[numbers.channel]);
    if (isMean) {
        const Number mean =
            numbers.statistic(Origin::Mean, record.mean[numbers.channel], std::fabs(record.meanLow[numbers.channel]));
        numbers.add(Phase::RunningUpdate, symbol, result, blend(numbers, old, mean), factorNote(numbers));
        return;
    }
    // 0.1 · var · n / (n − 1) from left to right; the factor f stands before, so it multiplies first.
    Expression formula = blend(numbers, old, numbers.statistic(Origin::Var, record.var[numbers.channel]));
    formula.operands[1] = std::move(formula.operands[1]) * numbers.count() / numbers.count(1);
    numbers.add(Phase::RunningUpdate, symbol, result, std::move(formula),
                "n/(n-1) makes the variance unbiased: running_var gets that one, the output does not.");
}

}  // namespace

void addForwardLines(const StepNumbers& numbers) {
    if (numbers.inTraining())
        addMomentLines(numbers, false);
    else
        addRunningAsUsed(numbers);
    addInvStd(numbers);
    addXhat(numbers);
    addY(numbers);
    if (!numbers.inTraining())
        addOtherMode(numbers);
}

void addCounterLine(const StepNumbers& numbers) {
    const auto &before = numbers.before().numBatchesTracked, &after = numbers.after().numBatchesTracked;
    constexpr std::int64_t exact = std::int64_t{1} << 53;
    if (!before || !after || *before == *after || std::abs(*before) >= exact || std::abs(*after) >= exact)
        return;
    const auto number = [](std::int64_t value, Origin origin) {
        return Number{static_cast<double>(value), Precision::Integer, {origin}, 0};
    };
    numbers.add(Phase::RunningUpdate, "num_batches_tracked", number(*after, Origin::BatchesTrackedAfter),
                Expression(number(*before, Origin::BatchesTracked)) + Expression(static_cast<double>(*after - *before)),
                numbers.step.refused() ? "Counted before the batch was refused, as PyTorch does." : "");
}

void addRunningLines(const StepNumbers& numbers) {
    const ForwardRecord& record = numbers.step.forward;
    addCounterLine(numbers);
    addRunningLine(numbers, Origin::RunningMean, numbers.before().runningMean, numbers.after().runningMean,
                   record.updatedMean);
    addRunningLine(numbers, Origin::RunningVar, numbers.before().runningVar, numbers.after().runningVar,
                   record.updatedVar);
}

}  // namespace bnstudio
