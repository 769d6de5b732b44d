// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/trace_causes.h"

#include "core/data/shortest_decimal.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

using Change = std::function<std::optional<StepRule>(const TraceStep&, StepRule)>;

std::string decimal(double value) {
    return shortestDecimal(value);
}

/// A change of the rule in training steps.
template <class Edit>
Change inTraining(Edit edit) {
    return [edit](const TraceStep& step, StepRule rule) -> std::optional<StepRule> {
        if (!rule.training)
            return std::nullopt;
        edit(step, rule);
        return rule;
    };
}

CandidateCause biased() {
    return {TraceCause::BiasedVariance,
            "running_var takes the biased variance, ÷ n",
            {},
            inTraining([](const TraceStep&, StepRule& rule) { rule.biased = true; })};
}

CandidateCause reversed() {
    return {TraceCause::ReversedMomentum,
            "momentum reversed: 1 − momentum",
            {},
            inTraining([](const TraceStep&, StepRule& rule) { rule.factor = 1 - rule.factor; })};
}

CandidateCause cumulative() {
    return {TraceCause::CumulativeAverage,
            "momentum None: 1/num_batches_tracked",
            {},
            inTraining([](const TraceStep& step, StepRule& rule) {
                const std::int64_t counter = step.tracked.value_or(step.number + 1);
                rule.factor = 1 / static_cast<double>(std::max<std::int64_t>(counter, 1));
            })};
}

CandidateCause otherMomentum(const FittedValue& fitted) {
    return {TraceCause::OtherMomentum, "momentum " + decimal(fitted.value), fitted.value,
            inTraining([fitted](const TraceStep&, StepRule& rule) {
                rule.factor = fitted.value;
                rule.factorSlack = fitted.error;
            })};
}

CandidateCause repeated(int times) {
    return {TraceCause::RepeatedUpdate, "the update applied " + std::to_string(times) + " times",
            static_cast<double>(times), inTraining([times](const TraceStep&, StepRule& rule) {
                rule.repeats = times;
                rule.ignoresCounter = true;
            })};
}

CandidateCause missing() {
    return {TraceCause::MissingUpdate,
            "no update of the running statistics",
            {},
            inTraining([](const TraceStep&, StepRule& rule) {
                rule.repeats = 0;
                rule.ignoresCounter = true;
            })};
}

/// Without the output it could not be told from a missing update.
CandidateCause otherMode(bool training) {
    return {training ? TraceCause::TrainInsteadOfEval : TraceCause::EvalInsteadOfTrain,
            training ? "training mode in place of eval" : "eval mode in place of training",
            {},
            [training](const TraceStep& step, StepRule rule) -> std::optional<StepRule> {
                if (rule.training == training || (!training && !step.hasY))
                    return std::nullopt;
                rule.training = training;
                rule.factor = step.momentum.value_or(rule.factor);
                return rule;
            }};
}

CandidateCause previousBatch() {
    return {TraceCause::PreviousBatch,
            "running statistics one step late",
            {},
            inTraining([](const TraceStep&, StepRule& rule) {
                rule.previousBatch = true;
                rule.ignoresCounter = true;
            })};
}

CandidateCause epsOutside() {
    return {TraceCause::EpsOutsideRoot,
            "eps outside the root: √var + eps",
            {},
            inTraining([](const TraceStep&, StepRule& rule) { rule.epsOutsideRoot = true; })};
}

CandidateCause otherEps(const FittedValue& fitted, bool outside) {
    return {outside ? TraceCause::EpsOutsideRoot : TraceCause::OtherEps,
            (fitted.value == 0 ? "eps too small to tell from 0" : "eps " + decimal(fitted.value))
                + (outside ? " outside the root" : ""),
            fitted.value, [fitted, outside](const TraceStep&, StepRule rule) -> std::optional<StepRule> {
                rule.eps = fitted.value;
                rule.epsSlack = fitted.error;
                rule.epsOutsideRoot = outside;
                return rule;
            }};
}

CandidateCause rounded(TraceCause cause, DType dtype) {
    const std::string what = cause == TraceCause::RoundedInput    ? "x"
                             : cause == TraceCause::RoundedOutput ? "y"
                                                                  : "running statistics";
    return {cause,
            what + " rounded to " + std::string(name(dtype)),
            {},
            [cause, dtype](const TraceStep& step, StepRule rule) -> std::optional<StepRule> {
                if (cause == TraceCause::RoundedInput && !step.hasX)
                    return std::nullopt;
                (cause == TraceCause::RoundedInput    ? rule.roundedInput
                 : cause == TraceCause::RoundedOutput ? rule.roundedOutput
                                                      : rule.roundedStatistics) = dtype;
                return rule;
            }};
}

CandidateCause partOfBatch(std::int64_t parts) {
    return {TraceCause::PartOfBatch, "statistics of 1/" + std::to_string(parts) + " of the batch",
            static_cast<double>(parts), [parts](const TraceStep& step, StepRule rule) -> std::optional<StepRule> {
                // A part needs two samples to have a variance.
                if (!rule.training || !step.hasX || step.x.shape()[0] < 2 * parts)
                    return std::nullopt;
                rule.parts = parts;
                return rule;
            }};
}

CandidateCause accumulated() {
    return {TraceCause::AccumulatedGradient,
            "gradients added to those of the step before",
            {},
            [](const TraceStep& step, StepRule rule) -> std::optional<StepRule> {
                if (!step.hasGradOutput)
                    return std::nullopt;
                rule.accumulates = true;
                return rule;
            }};
}

CandidateCause scaledGradient(const FittedValue& fitted) {
    return {TraceCause::ScaledGradient, "gradients of γ and β times " + decimal(fitted.value), fitted.value,
            [fitted](const TraceStep& step, StepRule rule) -> std::optional<StepRule> {
                if (!step.hasGradOutput)
                    return std::nullopt;
                rule.gradientScale = fitted.value;
                return rule;
            }};
}

CandidateCause together(const CandidateCause& a, const CandidateCause& b) {
    return {a.cause, a.name + " and " + b.name, a.parameter,
            [first = a.change, second = b.change](const TraceStep& step, StepRule rule) -> std::optional<StepRule> {
                const auto changed = first(step, rule);
                const auto both = second(step, changed.value_or(rule));
                return both ? both : changed;
            }};
}

template <class Add>
void forMomenta(const TraceFits& fits, bool biasedVariance, const Add& add) {
    add(reversed());
    add(cumulative());
    if (const auto fitted = (biasedVariance ? fits.momentumBiased : fits.momentum).value())
        add(otherMomentum(*fitted));
}

std::vector<CandidateCause> epsCauses(const TraceFits& fits) {
    std::vector<CandidateCause> causes{epsOutside()};
    if (const auto fitted = fits.eps.value(); fitted && fitted->value >= 0)
        causes.push_back(otherEps(*fitted, false));
    if (const auto fitted = fits.epsOutside.value(); fitted && fitted->value > 0)
        causes.push_back(otherEps(*fitted, true));
    return causes;
}

}  // namespace

std::vector<CandidateCause> simpleCauses(const TraceMeta&, const TraceFits& fits) {
    std::vector<CandidateCause> causes{biased(), missing(), reversed()};
    for (const int times : {2, 3, 4})
        causes.push_back(repeated(times));
    causes.push_back(otherMode(false));
    causes.push_back(otherMode(true));
    causes.push_back(previousBatch());
    causes.push_back(cumulative());
    for (CandidateCause& cause : epsCauses(fits))
        causes.push_back(std::move(cause));
    for (const DType dtype : {DType::Float16, DType::BFloat16}) {
        for (const TraceCause cause :
             {TraceCause::RoundedInput, TraceCause::RoundedOutput, TraceCause::RoundedStatistics})
            causes.push_back(rounded(cause, dtype));
    }
    for (const std::int64_t parts : {2, 3, 4, 8, 16, 32})
        causes.push_back(partOfBatch(parts));
    causes.push_back(accumulated());
    if (const auto fitted = fits.gradients.value())
        causes.push_back(scaledGradient(*fitted));
    if (const auto fitted = fits.momentum.value())
        causes.push_back(otherMomentum(*fitted));
    return causes;
}

std::vector<CandidateCause> combinedCauses(const TraceMeta&, const TraceFits& fits) {
    std::vector<CandidateCause> running{biased()};
    forMomenta(fits, false, [&](CandidateCause cause) { running.push_back(std::move(cause)); });
    forMomenta(fits, true, [&](const CandidateCause& cause) { running.push_back(together(biased(), cause)); });
    std::vector<CandidateCause> causes(running.begin() + 1, running.end());
    for (const CandidateCause& eps : epsCauses(fits)) {
        for (const CandidateCause& cause : running)
            causes.push_back(together(cause, eps));
    }
    for (const DType dtype : {DType::Float16, DType::BFloat16})
        causes.push_back(together(rounded(TraceCause::RoundedInput, dtype), rounded(TraceCause::RoundedOutput, dtype)));
    return causes;
}

CauseScore::CauseScore(CandidateCause candidate) : m_candidate(std::move(candidate)) {
    m_result.cause = m_candidate.cause;
    m_result.name = m_candidate.name;
    m_result.parameter = m_candidate.parameter;
}

/// A quantity that the explanation leaves open speaks neither for nor against it.
void CauseScore::tryStep(const TraceStep& step, StepStatistics& statistics, const StepPast& past,
                         const std::vector<TraceCheck>& original) {
    const bool isFirst = m_steps++ == 0;
    const auto changed = m_candidate.change(step, torchRule(step));
    const std::vector<TraceCheck> now =
        changed ? checkStep(step, statistics, *changed, past) : std::vector<TraceCheck>(original);
    bool firstSeen = false;
    for (const TraceCheck& check : original) {
        const auto found = std::find_if(now.begin(), now.end(),
                                        [&](const TraceCheck& other) { return other.quantity == check.quantity; });
        if (found == now.end())
            continue;
        const std::int64_t before = m_result.explained;
        count(check, *found);
        if (isFirst && check.differs() && !firstSeen) {
            firstSeen = true;
            m_explainsFirst = m_result.explained > before;
        }
    }
}

void CauseScore::count(const TraceCheck& original, const TraceCheck& now) {
    const bool agrees = !now.differs();
    if (!original.differs()) {
        m_broken += agrees ? 0 : 1;
        return;
    }
    ++m_result.differing;
    m_result.explained += agrees ? 1 : 0;
    m_result.excessBefore = std::max(m_result.excessBefore, original.excess);
    m_result.errorBefore = std::max(m_result.errorBefore, std::abs(original.recorded - original.expected));
    m_result.excessAfter = std::max(m_result.excessAfter, now.excess);
    m_result.errorAfter = std::max(m_result.errorAfter, std::abs(now.recorded - now.expected));
}

bool CauseScore::isHopeless() const {
    constexpr std::int64_t patience = 16;
    return m_steps >= patience && m_result.explained <= m_broken;
}

}  // namespace bnstudio
