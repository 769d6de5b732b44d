// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/calculation.h"

#include "core/error.h"
#include "core/explain/step_numbers.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

std::string indexText(const Frame& frame, Cell cell) {
    std::string text = "[" + std::to_string(cell.n) + ", " + std::to_string(cell.c);
    return text + (frame.x.rank() == 3 ? ", " + std::to_string(cell.l) + "]" : "]");
}

void requireCell(const Frame& frame, Cell cell) {
    const BatchShape shape = BatchShape::of(frame.x.shape());
    if (cell.n < 0 || cell.n >= shape.n || cell.c < 0 || cell.c >= shape.c || cell.l < 0 || cell.l >= shape.l)
        throw Error(ErrorCode::Usage, "cell [" + std::to_string(cell.n) + ", " + std::to_string(cell.c) + ", "
                                          + std::to_string(cell.l) + "] lies outside the input of shape "
                                          + shapeText(frame.x.shape()));
}

std::string noticeFor(const LaneSnapshot& step, bool hasValues) {
    if (step.skipped)
        return "The batch of this step was skipped: nothing happened.";
    if (step.refused())
        return "The layer refused the batch: " + step.error;
    if (!hasValues)
        return "The batch is empty: there is nothing to normalise, and the running statistics stay.";
    if (step.groups > 1)
        return "The batch went through in " + std::to_string(step.groups)
               + " groups; these are the numbers of the last one.";
    return {};
}

/// An empty batch has gradients of zero, and an optimiser steps on them.
void addEmptyGradients(const StepNumbers& numbers) {
    if (!numbers.step.backward)
        return;
    const BackwardRecord& backward = *numbers.step.backward;
    const auto add = [&](const char* symbol, Origin origin, const std::optional<ChannelVector>& values) {
        if (values && numbers.channel < values->size())
            numbers.add(Phase::GradSums, symbol, numbers.buffer(origin, (*values)[numbers.channel]), Expression(0.0),
                        "A sum over no values.");
    };
    if (numbers.inGroups())
        return;
    add("grad β", Origin::GradBias, backward.gradBias);
    add("grad γ", Origin::GradWeight, backward.gradWeight);
}

bool isPlainNumber(const Expression& formula) {
    return formula.op == Expression::Op::Number;
}

}  // namespace

const Line* Calculation::find(const Link& link) const {
    const auto line =
        std::find_if(lines.begin(), lines.end(), [&](const Line& each) { return each.result.link == link; });
    return line == lines.end() ? nullptr : &*line;
}

Calculation calculate(const Frame& frame, Cell cell) {
    const LaneSnapshot& step = *frame.snapshot;
    const bool hasValues = !frame.transforms.empty() && frame.x.size() > 0;
    if (hasValues)
        requireCell(frame, cell);
    Calculation result;
    result.cell = cell;
    result.title = hasValues ? "x" + indexText(frame, cell) : "channel " + std::to_string(cell.c);
    result.notice = noticeFor(step, hasValues);
    if (step.skipped)
        return result;
    const StepNumbers numbers(frame, cell, result.lines);
    if (hasValues) {
        addForwardLines(numbers);
        addRunningLines(numbers);
        addLossLines(numbers);
        addBackwardLines(numbers);
    } else {
        addCounterLine(numbers);
        if (!step.refused())
            addEmptyGradients(numbers);
    }
    if (!step.refused())
        addUpdateLines(numbers);
    std::stable_sort(result.lines.begin(), result.lines.end(),
                     [](const Line& a, const Line& b) { return !a.aside && b.aside; });
    return result;
}

double evaluate(const Line& line) {
    return roundTo(line.result.precision, evaluate(*line.formula).value);
}

bool reproduces(const Line& line) {
    if (!line.formula)
        return true;
    const double result = line.result.value;
    const Evaluation found = evaluate(*line.formula);
    if (std::isnan(result) || std::isnan(found.value))
        return std::isnan(result) && std::isnan(found.value);
    if (roundTo(line.result.precision, found.value) == result)
        return true;
    // The result itself was rounded to a double, before it was perhaps rounded to less.
    const double reach = found.bound + line.result.slack + 0x1p-53 * std::fabs(found.value);
    return roundTo(line.result.precision, found.value - reach) <= result
           && result <= roundTo(line.result.precision, found.value + reach);
}

std::string lineText(const Line& line, Digits digits) {
    std::string text = line.symbol + " = ";
    const bool isCopy = line.formula && isPlainNumber(*line.formula);
    if (line.formula && !isCopy) {
        for (const Token& token : line.tokens)
            text += tokenText(token, digits);
        text += " = ";
    }
    return text + numberText(line.result, digits);
}

}  // namespace bnstudio
