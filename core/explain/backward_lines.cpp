// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/step_numbers.h"

#include <cmath>

namespace bnstudio {

namespace {

constexpr double unit = 0x1p-53;

const char* groupsNote = "Added up over the groups; only the last group's numbers are kept.";

Number lossNumber(Origin origin, double value, double slack = 0) {
    return {value, Precision::Float64, {origin}, slack};
}

/// This element's term and what all the others add up to.
Expression withRest(const Expression& term, double total, std::int64_t count) {
    if (count == 1)
        return term;
    const double own = evaluate(term).value;
    // Of an infinite sum it is not known how many terms were infinite; one more does no harm.
    Expression rest(lossNumber(Origin::Rest, std::isfinite(total) ? total - own : total));
    rest.hiddenTerms = count - 1;
    return term + rest;
}

void addSquaredErrorLines(const StepNumbers& numbers, const LossSpec& loss) {
    const Cell cell = numbers.cell;
    Number target = numbers.statistic(Origin::Target, 0);
    if (loss.kind == LossSpec::Kind::MseTeacher) {
        const Number weight = numbers.statistic(Origin::TeacherWeight, perChannel(loss.teacherWeight, cell.c));
        const Number bias = numbers.statistic(Origin::TeacherBias, perChannel(loss.teacherBias, cell.c));
        target.link = numbers.link(Origin::Target, cell);
        target.value = weight.value * numbers.xhat(cell).value + bias.value;
        numbers.add(Phase::Loss, "target", target, Expression(weight) * numbers.xhat(cell) + bias,
                    "What a layer with the teacher's γ* and β* gives.");
    } else {
        target.value = perChannel(loss.target, cell.c);
    }
    const Expression error = Expression(numbers.y(cell)) - target;
    const double count = static_cast<double>(numbers.frame.x.size());
    if (!numbers.inGroups() && numbers.step.loss) {
        const double sum = *numbers.step.loss * count;
        numbers
            .add(Phase::Loss, "Σ(y-target)²", lossNumber(Origin::SumLoss, sum, 4 * unit * std::fabs(sum)),
                 withRest(square(error), sum, numbers.frame.x.size()))
            .detail = true;
        numbers.add(Phase::Loss, "loss", lossNumber(Origin::Loss, *numbers.step.loss),
                    Expression(lossNumber(Origin::SumLoss, sum, unit * std::fabs(sum))) / numbers.elementCount());
    }
    if (!numbers.frame.gradOutput.size())
        return;
    if (numbers.inGroups())
        numbers.add(Phase::Loss, "dy", numbers.dy(cell), {},
                    "2·(y - target)/count, times the group's share of the samples.");
    else
        numbers.add(Phase::Loss, "dy", numbers.dy(cell), Expression(2.0) * error / numbers.elementCount());
}

void addSumLossLines(const StepNumbers& numbers) {
    if (!numbers.inGroups() && numbers.step.loss)
        numbers.add(Phase::Loss, "loss", lossNumber(Origin::Loss, *numbers.step.loss),
                    withRest(numbers.y(numbers.cell), *numbers.step.loss, numbers.frame.x.size()));
    if (numbers.frame.gradOutput.size())
        numbers.add(Phase::Loss, "dy", numbers.dy(numbers.cell), Expression(1.0));
}

void addParameterGradients(const StepNumbers& numbers) {
    const BackwardRecord& backward = *numbers.step.backward;
    const auto add = [&](const char* symbol, Origin origin, const std::optional<ChannelVector>& values,
                         const Number& sum) {
        if (!values || numbers.channel >= values->size())
            return;
        const Number result = numbers.buffer(origin, (*values)[numbers.channel]);
        if (numbers.inGroups())
            numbers.add(Phase::GradSums, symbol, result, {}, groupsNote);
        else
            numbers.add(Phase::GradSums, symbol, result, Expression(sum));
    };
    add("grad β", Origin::GradBias, backward.gradBias,
        numbers.statistic(Origin::SumDy, backward.sumDy[numbers.channel]));
    add("grad γ", Origin::GradWeight, backward.gradWeight,
        numbers.statistic(Origin::SumDyXhat, backward.sumDyXhat[numbers.channel]));
}

void addGradientSums(const StepNumbers& numbers) {
    const BackwardRecord& backward = *numbers.step.backward;
    const double sum = backward.sumDy[numbers.channel], weighted = backward.sumDyXhat[numbers.channel];
    const auto dy = [&](Cell at) { return numbers.dyAt(at); };
    const auto dyXhat = [&](Cell at) { return numbers.dyAt(at) * numbers.transform().xhat(numbers.xAt(at)); };
    numbers.add(Phase::GradSums, "Σdy", numbers.statistic(Origin::SumDy, sum, numbers.sumSlack(dy)),
                numbers.channelSum(
                    sum, [&](Cell at) { return Expression(numbers.dy(at)); }, dy));
    numbers.add(Phase::GradSums, "Σdy·x̂", numbers.statistic(Origin::SumDyXhat, weighted, numbers.sumSlack(dyXhat)),
                numbers.channelSum(
                    weighted, [&](Cell at) { return Expression(numbers.dy(at)) * numbers.xhat(at); }, dyXhat));
}

/// formula · invstd · γ
Expression scaled(const StepNumbers& numbers, Expression formula) {
    formula = std::move(formula) * numbers.statistic(Origin::InvStd, numbers.transform().invstd);
    const auto weight = numbers.weight();
    return weight ? std::move(formula) * *weight : std::move(formula);
}

/// Adds a term of grad_x and gives it as a number that later lines may use; its slack is what its formula leaves open.
Number addTerm(const StepNumbers& numbers, const char* symbol, Origin origin, const Expression& formula) {
    const Evaluation value = evaluate(formula);
    Number term{value.value, Precision::Float64, numbers.link(origin, numbers.cell), 0};
    numbers.add(Phase::GradInput, symbol, term, formula);
    term.slack = value.bound;
    return term;
}

void addInputGradient(const StepNumbers& numbers) {
    const Cell cell = numbers.cell;
    const ChannelTransform& t = numbers.transform();
    const Number dy = numbers.dy(cell);
    const Number result{roundTo(numbers.stored, t.gradInput(numbers.xAt(cell), dy.value)), numbers.stored,
                        numbers.link(Origin::GradX, cell), 0};
    if (!numbers.inTraining()) {
        numbers.add(Phase::GradInput, "grad x", result, scaled(numbers, dy),
                    "Running statistics do not depend on x: nothing comes back through mean and variance.");
        return;
    }
    const BackwardRecord& backward = *numbers.step.backward;
    const Number sum = numbers.statistic(Origin::SumDy, backward.sumDy[numbers.channel]);
    const Number weighted = numbers.statistic(Origin::SumDyXhat, backward.sumDyXhat[numbers.channel]);
    const Number direct = addTerm(numbers, "grad x, direct", Origin::GradDirect, scaled(numbers, dy));
    const Number throughMean = addTerm(numbers, "grad x, through mean", Origin::GradThroughMean,
                                       scaled(numbers, -(Expression(sum) / numbers.count())));
    const Number throughVar =
        addTerm(numbers, "grad x, through var", Origin::GradThroughVar,
                scaled(numbers, -(Expression(numbers.xhat(cell)) * (Expression(weighted) / numbers.count()))));
    numbers.add(Phase::GradInput, "grad x", result, Expression(direct) + throughMean + throughVar);
}

void addXhatGradient(const StepNumbers& numbers) {
    const Number dy = numbers.dy(numbers.cell);
    const auto weight = numbers.weight();
    const Expression formula = weight ? Expression(dy) * *weight : Expression(dy);
    const Number result{evaluate(formula).value, Precision::Float64, numbers.link(Origin::GradXhat, numbers.cell), 0};
    numbers.add(Phase::GradXhat, "grad x̂", result, formula);
}

}  // namespace

void addLossLines(const StepNumbers& numbers) {
    const LossSpec& loss = numbers.step.before->training.loss;
    switch (loss.kind) {
    case LossSpec::Kind::None:
        break;
    case LossSpec::Kind::MseTarget:
    case LossSpec::Kind::MseTeacher:
        addSquaredErrorLines(numbers, loss);
        break;
    case LossSpec::Kind::Sum:
        addSumLossLines(numbers);
        break;
    }
    if (loss.kind != LossSpec::Kind::None && numbers.inGroups() && numbers.step.loss)
        numbers.add(Phase::Loss, "loss", lossNumber(Origin::Loss, *numbers.step.loss), {}, groupsNote);
}

void addBackwardLines(const StepNumbers& numbers) {
    if (!numbers.step.backward || numbers.frame.gradOutput.size() == 0)
        return;
    if (numbers.step.before->training.loss.kind == LossSpec::Kind::None)
        numbers.add(Phase::GradSums, "dy", numbers.dy(numbers.cell), Expression(numbers.dy(numbers.cell)),
                    "The upstream gradient, as given.");
    addGradientSums(numbers);
    addParameterGradients(numbers);
    addXhatGradient(numbers);
    addInputGradient(numbers);
}

}  // namespace bnstudio
