// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/diagnosis_text.h"

#include "core/data/shortest_decimal.h"
#include "core/run/trace_step.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <set>

namespace bnstudio {

namespace {

std::string decimal(double value) {
    return shortestDecimal(value);
}

/// A setting as it was typed, even where it was recorded in single precision.
std::string settingText(double value) {
    const auto single = static_cast<float>(value);
    if (static_cast<double>(single) != value)
        return decimal(value);
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, single).ptr;
    return std::string(text, end);
}

/// "recorded 1.037, expected 1.04": few digits, but so many that the two differ.
std::string evidence(double recorded, double expected) {
    char left[32], right[32];
    for (int digits = 3; digits <= 17; ++digits) {
        std::snprintf(left, sizeof left, "%.*g", digits, recorded);
        std::snprintf(right, sizeof right, "%.*g", digits, expected);
        if (std::string_view(left) != right)
            break;
    }
    return std::string("recorded ") + left + ", expected " + right;
}

/// "in step 7", "from step 30 on", "in every step", "in 5 of 80 steps, first in step 3".
std::string extentOf(const TraceDiagnosis& diagnosis) {
    std::set<std::int64_t> checked, differing;
    for (const TraceCheck& check : diagnosis.checks) {
        checked.insert(check.step);
        if (check.differs())
            differing.insert(check.step);
    }
    const std::int64_t first = *differing.begin(), last = *differing.rbegin();
    if (differing.size() == 1)
        return "in step " + std::to_string(first);
    if (differing.size() == checked.size())
        return "in every step";
    const auto between = static_cast<std::size_t>(std::distance(checked.lower_bound(first), checked.upper_bound(last)));
    if (between == differing.size())
        return last == *checked.rbegin() ? "from step " + std::to_string(first) + " on"
                                         : "in steps " + std::to_string(first) + " to " + std::to_string(last);
    return "in " + std::to_string(differing.size()) + " of " + std::to_string(checked.size()) + " steps, first in step "
           + std::to_string(first);
}

/// "running_mean and running_var": what differs anywhere.
std::string quantitiesOf(const TraceDiagnosis& diagnosis) {
    std::set<TraceQuantity> differing;
    for (const TraceCheck& check : diagnosis.checks) {
        if (check.differs())
            differing.insert(check.quantity);
    }
    std::string text;
    std::size_t left = differing.size();
    for (const TraceQuantity quantity : differing) {
        text += std::string(text.empty() ? "" : left == 1 ? " and " : ", ") + std::string(traceQuantityName(quantity));
        --left;
    }
    return text;
}

std::string momentumText(const Trace& trace, const TraceDiagnosis& diagnosis) {
    const TraceStep step = loadTraceStep(trace, diagnosis.first->index);
    return step.momentum ? settingText(*step.momentum) : "None";
}

std::string whatHappened(const Trace& trace, const TraceDiagnosis& diagnosis) {
    const std::string what = quantitiesOf(diagnosis);
    const std::string parameter = diagnosis.parameter ? decimal(*diagnosis.parameter) : "";
    const std::string verb = what.find(' ') == std::string::npos ? " follows " : " follow ";
    switch (diagnosis.cause) {
    case TraceCause::BiasedVariance:
        return "running_var takes the biased variance, ÷ n, where PyTorch takes the unbiased one, ÷ (n − 1)";
    case TraceCause::ReversedMomentum:
        return what + verb + "the momentum the other way round: 1 − " + momentumText(trace, diagnosis)
               + " is the weight of the new batch, the notation of TensorFlow, Keras and ONNX";
    case TraceCause::OtherMomentum:
        return what + verb + "momentum " + parameter + ", not " + momentumText(trace, diagnosis);
    case TraceCause::CumulativeAverage:
        return what + verb + "the cumulative average 1/num_batches_tracked of momentum=None, not momentum "
               + momentumText(trace, diagnosis);
    case TraceCause::RepeatedUpdate:
        return "the running statistics were updated " + parameter + " times with the same batch";
    case TraceCause::MissingUpdate:
        return "the running statistics were not updated: they stay what they were before";
    case TraceCause::EvalInsteadOfTrain:
        return "the layer normalised with its running statistics, as in eval mode, in place of the batch";
    case TraceCause::TrainInsteadOfEval:
        return "the layer normalised with the batch, as in training mode, though eval mode was recorded";
    case TraceCause::PreviousBatch:
        return "the running statistics come one step late: each is what the batch before leads to";
    case TraceCause::UnrecordedForwards:
        return "num_batches_tracked advanced by more than one: the layer saw batches in training mode that were not "
               "recorded";
    case TraceCause::OtherEps:
        return "y is normalised with "
               + (diagnosis.parameter == 0.0 ? "an eps too small to tell from 0" : "eps " + parameter) + ", not "
               + settingText(loadTraceStep(trace, diagnosis.first->index).eps);
    case TraceCause::EpsOutsideRoot:
        return "y is divided by √var + eps, with eps " + (parameter.empty() ? "" : parameter + " ")
               + "outside the root, in place of √(var + eps)";
    case TraceCause::RoundedInput:
    case TraceCause::RoundedOutput:
    case TraceCause::RoundedStatistics:
        return "values were rounded to a shorter type: " + diagnosis.tried.front().name;
    case TraceCause::PartOfBatch:
        return "the statistics are those of the first 1/" + parameter + " of the batch alone, as on one of " + parameter
               + " devices";
    case TraceCause::AccumulatedGradient:
        return "the gradients of γ and β are added to those of the step before";
    case TraceCause::ScaledGradient:
        return "the gradients of γ and β are " + parameter + " times what grad_output leads to";
    case TraceCause::ScaledValue:
        return what + " is " + parameter + " times what the batch leads to";
    case TraceCause::ChangedValue:
        return what + (verb == " follows " ? " is" : " are") + " not what the recorded batch leads to";
    case TraceCause::None:
    case TraceCause::Unknown:
        break;
    }
    return what + (verb == " follows " ? " differs" : " differ") + ", and nothing that was tried explains it";
}

std::string followText(const TraceDiagnosis& diagnosis) {
    if (!diagnosis.laterStepsFollow || diagnosis.stepsDiffering != 1)
        return {};
    return *diagnosis.laterStepsFollow ? "; later steps go on from it" : "; later steps do not follow from it";
}

std::string placeOf(const TraceCheck& check) {
    std::string text = "step " + std::to_string(check.step) + ", " + std::string(traceQuantityName(check.quantity));
    return check.channel < 0 ? text : text + ", channel " + std::to_string(check.channel);
}

std::string capitalised(std::string text) {
    text[0] = static_cast<char>(text[0] >= 'a' && text[0] <= 'z' ? text[0] - 'a' + 'A' : text[0]);
    return text;
}

std::string shareExplained(const TraceDiagnosis& diagnosis) {
    if (diagnosis.cause == TraceCause::Unknown || diagnosis.tried.front().explainsAll())
        return {};
    const TraceAlternative& best = diagnosis.tried.front();
    return "; this explains " + std::to_string(best.explained) + " of " + std::to_string(best.differing)
           + " values that differ";
}

}  // namespace

std::string adviceFor(TraceCause cause) {
    switch (cause) {
    case TraceCause::BiasedVariance:
        return "Multiply the batch variance by n/(n − 1) before it goes into running_var; the output keeps the biased "
               "one.";
    case TraceCause::ReversedMomentum:
        return "Set PyTorch's momentum to 1 − the momentum of the other framework.";
    case TraceCause::OtherMomentum:
        return "Look for a second place that sets momentum, such as a config, a schedule or a converted layer.";
    case TraceCause::CumulativeAverage:
        return "Set momentum to a number, or expect an average over all batches.";
    case TraceCause::RepeatedUpdate:
        return "Look for activation checkpointing or a second forward of the same batch; with k forwards, "
               "momentum 1 − (1 − m)^(1/k) makes up for them.";
    case TraceCause::MissingUpdate:
        return "Look for momentum=0, track_running_stats=False, a frozen layer, or an eval() that is not undone.";
    case TraceCause::EvalInsteadOfTrain:
        return "Call model.train() before training, also after each validation.";
    case TraceCause::TrainInsteadOfEval:
        return "Call model.eval() before validation; torch.no_grad() does not do it.";
    case TraceCause::PreviousBatch:
        return "Record the running statistics after the forward, or look for an update that runs a step behind.";
    case TraceCause::UnrecordedForwards:
        return "Look for forwards in training mode between the recorded ones: a warm-up, a sanity check, a validation "
               "without eval(), or gradient accumulation.";
    case TraceCause::OtherEps:
    case TraceCause::EpsOutsideRoot:
        return "Give both layers the same eps, inside the root; Keras has 1e-3, PyTorch 1e-5.";
    case TraceCause::RoundedInput:
    case TraceCause::RoundedOutput:
    case TraceCause::RoundedStatistics:
        return "Keep batch norm in float32: leave it out of autocast and of model.half().";
    case TraceCause::PartOfBatch:
        return "Use SyncBatchNorm with DistributedDataParallel when the statistics shall be those of the whole batch.";
    case TraceCause::AccumulatedGradient:
        return "Call optimizer.zero_grad() before each backward, unless gradients are accumulated on purpose.";
    case TraceCause::ScaledGradient:
        return "Look for gradient clipping, a loss scale that was not undone, or an average over devices.";
    case TraceCause::ScaledValue:
    case TraceCause::ChangedValue:
        return "Look at what wrote into the layer or the recording at this step.";
    case TraceCause::Unknown:
        return "Look at the first difference: open the recording at that step and compare the channel's values.";
    case TraceCause::None:
        break;
    }
    return {};
}

void describeDiagnosis(const Trace& trace, TraceDiagnosis& diagnosis) {
    if (diagnosis.checks.empty()) {
        diagnosis.verdict = "The recording holds nothing that can be compared.";
        return;
    }
    if (diagnosis.agrees()) {
        diagnosis.verdict = "The recording agrees with PyTorch's rule in all " + std::to_string(diagnosis.steps)
                            + (diagnosis.steps == 1 ? " step." : " steps.");
        return;
    }
    const TraceCheck& first = *diagnosis.first;
    diagnosis.where = placeOf(first);
    diagnosis.verdict = capitalised(extentOf(diagnosis)) + ": " + whatHappened(trace, diagnosis) + followText(diagnosis)
                        + shareExplained(diagnosis) + " (first " + diagnosis.where + ": "
                        + evidence(first.recorded, first.expected) + ").";
    diagnosis.advice = adviceFor(diagnosis.cause);
}

}  // namespace bnstudio
