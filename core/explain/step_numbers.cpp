// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/step_numbers.h"

#include <cmath>

namespace bnstudio {

namespace {

constexpr double unit = 0x1p-53;

std::optional<Number> parameter(const StepNumbers& numbers, Origin origin, const std::optional<ChannelVector>& values) {
    if (!values || numbers.channel >= values->size())
        return std::nullopt;
    return numbers.buffer(origin, (*values)[numbers.channel]);
}

/// A sum of a handful of terms is written out; else some are shown and the rest in one.
bool isWrittenOut(std::int64_t terms) {
    return terms <= shownTerms + 1;
}

}  // namespace

StepNumbers::StepNumbers(const Frame& frame_, Cell cell_, std::vector<Line>& lines)
    : frame(frame_),
      step(*frame_.snapshot),
      cell(cell_),
      channel(static_cast<std::size_t>(cell_.c)),
      stored(precisionOf(step.before->layer.options().dtype)),
      m_lines(lines) {}

std::int64_t StepNumbers::flat(Cell at) const {
    const BatchShape shape = BatchShape::of(frame.x.shape());
    return (at.n * shape.c + at.c) * shape.l + at.l;
}

Cell StepNumbers::valueAt(std::int64_t i) const {
    const std::int64_t l = BatchShape::of(frame.x.shape()).l;
    return {i / l, cell.c, i % l};
}

double StepNumbers::yAt(Cell at) const {
    return roundTo(stored, frame.transforms[static_cast<std::size_t>(at.c)].y(xAt(at)));
}

/// The core does not round x̂ on its way to y and to the gradients.
Number StepNumbers::xhat(Cell at) const {
    const double value = transform().xhat(xAt(at));
    return {value, Precision::Float64, link(Origin::Xhat, at), unit * std::fabs(value)};
}

Number StepNumbers::count(std::int64_t minus) const {
    const std::int64_t n = BatchShape::of(frame.x.shape()).valuesPerChannel() - minus;
    return {static_cast<double>(n), Precision::Integer, {Origin::ValuesPerChannel}, 0};
}

Number StepNumbers::elementCount() const {
    return {static_cast<double>(frame.x.size()), Precision::Integer, {Origin::ElementCount}, 0};
}

Number StepNumbers::statistic(Origin origin, double value, double slack) const {
    return {value, Precision::Float64, ofChannel(origin), slack};
}

std::optional<Number> StepNumbers::weight() const {
    return parameter(*this, Origin::Weight, before().weight);
}

std::optional<Number> StepNumbers::bias() const {
    return parameter(*this, Origin::Bias, before().bias);
}

/// float64 layers know the mean beyond a double. The low part is shown where x̂ would show its absence, further from
/// its last place than roundings are; elsewhere it is part of the formula's error bound.
Expression StepNumbers::minusMean(Cell at, Number mean, double low, double invstd) const {
    const double xhatValue = ((xAt(at) - mean.value) - low) * invstd;
    const bool matters = std::fabs(low * invstd) > 8 * unit * std::max(1.0, std::fabs(xhatValue));
    mean.slack = matters ? 0 : std::fabs(low);
    const Expression high = Expression(x(at)) - mean;
    return matters ? high - statistic(Origin::MeanLow, low) : high;
}

Expression StepNumbers::centred(Cell at) const {
    const ChannelTransform& t = transform();
    const Number mean = inTraining() ? statistic(Origin::Mean, t.mean) : buffer(Origin::RunningMean, t.mean);
    return minusMean(at, mean, t.meanLow, t.invstd);
}

Expression StepNumbers::aboutBatchMean(Cell at) const {
    const double std = std::sqrt(step.batch.var[channel]);
    return minusMean(at, statistic(Origin::Mean, step.batch.mean[channel]), step.batch.meanLow[channel],
                     std > 0 ? 1 / std : 0);
}

Link StepNumbers::link(Origin origin, Cell at) const {
    return {origin, Parameter::None, at.n, at.c, at.l};
}

Link StepNumbers::ofChannel(Origin origin) const {
    return {origin, Parameter::None, -1, cell.c, -1};
}

Line& StepNumbers::add(Phase phase, std::string symbol, Number result, std::optional<Expression> formula,
                       std::string note) const {
    Line line;
    line.result = result;
    line.symbol = std::move(symbol);
    line.formula = std::move(formula);
    if (line.formula)
        line.tokens = layOut(*line.formula);
    line.phase = phase;
    line.note = std::move(note);
    m_lines.push_back(std::move(line));
    return m_lines.back();
}

Expression StepNumbers::channelSum(double total, const Term& term, const Value& value) const {
    const std::int64_t terms = static_cast<std::int64_t>(count().value);
    const std::int64_t shown = isWrittenOut(terms) ? terms : shownTerms;
    Expression sum = term(valueAt(0));
    for (std::int64_t i = 1; i < shown; ++i)
        sum = std::move(sum) + term(valueAt(i));
    if (shown == terms)
        return sum;
    double rest = total - evaluate(sum).value;
    if (!std::isfinite(total)) {  // Inf − Inf would hide which terms were infinite
        rest = 0;
        for (std::int64_t i = shown; i < terms; ++i)
            rest += value(valueAt(i));
    }
    Expression hidden(statistic(Origin::Rest, rest));
    hidden.hiddenTerms = terms - shown;
    return std::move(sum) + std::move(hidden);
}

/// The core adds deviations from a pivot within the range of the values, at most twice as large as the largest of
/// them: few roundings of the size of the terms.
double StepNumbers::sumSlack(const Value& value) const {
    const std::int64_t terms = static_cast<std::int64_t>(count().value);
    if (!isWrittenOut(terms))
        return 0;
    double magnitude = 0;
    for (std::int64_t i = 0; i < terms; ++i)
        magnitude += std::fabs(value(valueAt(i)));
    return 16 * unit * magnitude;
}

}  // namespace bnstudio
