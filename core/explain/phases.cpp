// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/phases.h"

#include <algorithm>

namespace bnstudio {

namespace {

bool isBackward(Phase phase) {
    return phase == Phase::GradSums || phase == Phase::GradXhat || phase == Phase::GradInput;
}

/// Whether the optimiser steps. It takes a gradient of zero as well as any other.
bool updatesParameters(const LaneSnapshot& step) {
    const TrainingSpec& training = step.before->training;
    return step.backward && training.passes.update && training.optimizer.kind != OptimizerSpec::Kind::None
           && (step.backward->gradWeight || step.backward->gradBias);
}

bool changesRunning(const LaneSnapshot& step) {
    return step.forward.counted || step.forward.updatedMean || step.forward.updatedVar;
}

void addForward(const LaneSnapshot& step, std::vector<Phase>& phases) {
    const LayerState& state = step.before->layer.state();
    phases.insert(phases.end(), {Phase::Mean, Phase::Variance, Phase::Normalise});
    if (state.weight || state.bias)
        phases.push_back(Phase::Affine);
}

/// The phase of the full order that an origin belongs to.
std::optional<Phase> usualPhase(Origin origin) {
    if (origin < Origin::SumX || origin == Origin::MomentumBuffer || origin == Origin::ExpAvg
        || origin == Origin::ExpAvgSq)
        return std::nullopt;
    if (origin <= Origin::MeanLow)
        return Phase::Mean;
    if (origin <= Origin::Var)
        return Phase::Variance;
    if (origin == Origin::Y)
        return Phase::Affine;
    if (origin <= Origin::XhatInTraining)
        return Phase::Normalise;
    if (origin <= Origin::RunningVarAfter)
        return Phase::RunningUpdate;
    if (origin <= Origin::Dy)
        return Phase::Loss;
    if (origin <= Origin::GradWeight)
        return Phase::GradSums;
    if (origin == Origin::GradXhat)
        return Phase::GradXhat;
    return origin <= Origin::GradX ? Phase::GradInput : Phase::ParameterUpdate;
}

struct Words {
    const char* title;
    const char* sentence;
};

Words wordsForNothing(const LaneSnapshot& step) {
    if (step.skipped)
        return {"skipped", "This batch is not shown to the layer."};
    if (step.refused())
        return {"refused", "The layer refuses this batch; nothing but the counter of batches may have moved."};
    return {"empty", "The batch has no values, so there is nothing to compute."};
}

Words forwardWords(Phase phase, const LaneSnapshot& step) {
    const bool batch = step.forward.usedBatchStatistics;
    switch (phase) {
    case Phase::Mean:
        return batch ? Words{"mean", "The mean of all values of a channel, over samples and positions."}
                     : Words{"running mean", "Eval takes the mean that earlier batches left, not that of this batch."};
    case Phase::Variance:
        return batch ? Words{"variance", "The mean of the squared distances from the mean, divided by n."}
                     : Words{"running var", "Eval takes the variance that earlier batches left."};
    case Phase::Normalise:
        return {"normalise", batch ? "Every value minus its channel's mean, divided by √(var + eps)."
                                   : "Every value minus the running mean, divided by √(running var + eps)."};
    default:
        return {"affine", "γ scales and β shifts each channel: y = γ·x̂ + β."};
    }
}

Words wordsFor(Phase phase, const LaneSnapshot& step) {
    switch (phase) {
    case Phase::Nothing:
        return wordsForNothing(step);
    case Phase::RunningUpdate:
        return {"running update", step.forward.updatedMean || step.forward.updatedVar
                                      ? "The running statistics move towards those of this batch; eval will use them."
                                      : "The batch is counted; no running statistics move."};
    case Phase::Loss:
        return {"loss", "The loss compares y with its target and says how each y should change."};
    case Phase::GradSums:
        return {"backward: γ, β", "Sums over each channel: Σdy is the gradient of β, Σdy·x̂ that of γ."};
    case Phase::GradXhat:
        return {"backward: x̂", "The gradient of x̂ is dy times γ."};
    case Phase::GradInput:
        return {"backward: x", step.forward.usedBatchStatistics
                                   ? "x acts directly, through the mean and through the variance: three terms add up."
                                   : "Running statistics do not depend on x, so only the direct term is left."};
    case Phase::ParameterUpdate:
        return {"γ, β update", "The optimiser moves γ and β against their gradients."};
    default:
        return forwardWords(phase, step);
    }
}

}  // namespace

std::vector<Phase> phasesOf(const LaneSnapshot& step) {
    std::vector<Phase> phases;
    if (step.skipped || step.refused())
        return {Phase::Nothing};
    const bool hasValues = !step.forward.mean.empty();
    if (hasValues)
        addForward(step, phases);
    if (changesRunning(step))
        phases.push_back(Phase::RunningUpdate);
    if (hasValues && step.before->training.loss.kind != LossSpec::Kind::None)
        phases.push_back(Phase::Loss);
    if (step.backward)
        phases.push_back(Phase::GradSums);
    if (step.backward && hasValues)
        phases.insert(phases.end(), {Phase::GradXhat, Phase::GradInput});
    if (updatesParameters(step))
        phases.push_back(Phase::ParameterUpdate);
    if (phases.empty())
        phases.push_back(Phase::Nothing);
    return phases;
}

PhaseText describePhase(Phase phase, const LaneSnapshot& step) {
    PhaseText text;
    bool inBackward = false;
    for (const Phase each : phasesOf(step)) {
        if (each > phase)
            break;
        if (!isBackward(each) || !inBackward)
            ++text.number;
        inBackward = inBackward || isBackward(each);
    }
    if (isBackward(phase))
        text.part = static_cast<int>(phase) - static_cast<int>(Phase::GradSums) + 1;
    const Words words = wordsFor(phase, step);
    text.title = words.title;
    text.sentence = words.sentence;
    return text;
}

std::optional<Phase> phaseOf(Origin origin, const LaneSnapshot& step) {
    const std::optional<Phase> usual = usualPhase(origin);
    if (!usual)
        return usual;
    const std::vector<Phase> phases = phasesOf(step);
    const auto has = [&](Phase phase) { return std::find(phases.begin(), phases.end(), phase) != phases.end(); };
    if (has(*usual))
        return usual;
    if (origin == Origin::Y)  // without γ and β y is x̂
        return Phase::Normalise;
    if (origin == Origin::Dy)  // without a loss dy is given
        return Phase::GradSums;
    // A refused batch is counted all the same.
    return origin == Origin::BatchesTrackedAfter ? phases.front() : *usual;
}

bool isVisible(Origin origin, Phase now, const LaneSnapshot& step) {
    const std::optional<Phase> phase = phaseOf(origin, step);
    return !phase || *phase <= now;
}

std::vector<Origin> newIn(Phase phase, const LaneSnapshot& step) {
    std::vector<Origin> origins;
    for (int i = 0; i <= static_cast<int>(Origin::ParameterAfter); ++i) {
        if (phaseOf(static_cast<Origin>(i), step) == phase)
            origins.push_back(static_cast<Origin>(i));
    }
    return origins;
}

std::optional<PhasePosition> nextPhase(PhasePosition position, const PhasesAt& phasesAt) {
    const std::vector<Phase> here = phasesAt(position.step);
    const auto next = std::upper_bound(here.begin(), here.end(), position.phase);
    if (next != here.end())
        return PhasePosition{position.step, *next};
    const std::vector<Phase> after = phasesAt(position.step + 1);
    return after.empty() ? std::nullopt : std::optional(PhasePosition{position.step + 1, after.front()});
}

std::optional<PhasePosition> previousPhase(PhasePosition position, const PhasesAt& phasesAt) {
    const std::vector<Phase> here = phasesAt(position.step);
    const auto place = std::lower_bound(here.begin(), here.end(), position.phase);
    if (place != here.begin())
        return PhasePosition{position.step, *(place - 1)};
    const std::vector<Phase> before = position.step > 0 ? phasesAt(position.step - 1) : std::vector<Phase>();
    return before.empty() ? std::nullopt : std::optional(PhasePosition{position.step - 1, before.back()});
}

}  // namespace bnstudio
