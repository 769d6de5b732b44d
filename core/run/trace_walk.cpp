// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/trace_walk.h"

#include <algorithm>

namespace bnstudio {

namespace {

bool isBuffer(TraceQuantity quantity) {
    return quantity == TraceQuantity::RunningMean || quantity == TraceQuantity::RunningVar
           || quantity == TraceQuantity::BatchesTracked;
}

bool anyBufferDiffers(const std::vector<TraceCheck>& checks) {
    return std::any_of(checks.begin(), checks.end(),
                       [](const TraceCheck& check) { return isBuffer(check.quantity) && check.differs(); });
}

bool anyDiffers(const std::vector<TraceCheck>& checks) {
    return std::any_of(checks.begin(), checks.end(), [](const TraceCheck& check) { return check.differs(); });
}

/// Each buffer by itself: the one that was wrong before goes on from the rule's state, the others from their own.
LayerState mixedState(const LayerState& recorded, const LayerState& rule, const std::vector<TraceCheck>& checks) {
    LayerState mixed = recorded;
    for (const TraceCheck& check : checks) {
        if (!check.differs())
            continue;
        if (check.quantity == TraceQuantity::RunningMean)
            mixed.runningMean = rule.runningMean;
        if (check.quantity == TraceQuantity::RunningVar)
            mixed.runningVar = rule.runningVar;
        if (check.quantity == TraceQuantity::BatchesTracked)
            mixed.numBatchesTracked = rule.numBatchesTracked;
    }
    return mixed;
}

}  // namespace

/// Between steps that are not consecutive the layer may have seen other batches, unless the counter says it did not.
bool TraceWalk::startIsKnown(const TraceStep& step) const {
    if (m_trace.hasBefore(step.index) || (step.index > 0 && m_trace.numberOf(step.index - 1) + 1 == step.number))
        return true;
    if (step.index == 0)
        return m_trace.initial().runningMean || m_trace.initial().runningVar;
    const auto& before = step.before.numBatchesTracked;
    return before && step.tracked && *step.tracked == *before + (step.training ? 1 : 0);
}

StepPast TraceWalk::pastOf(const TraceStep& step) const {
    StepPast past;
    if (startIsKnown(step))
        past.before = step.before;
    if (step.index > 0) {
        past.gradWeight = m_trace.vector(TraceKey::GradWeight, step.index - 1);
        past.gradBias = m_trace.vector(TraceKey::GradBias, step.index - 1);
    }
    return past;
}

std::vector<TraceCheck> TraceWalk::next(const TraceStep& step, StepStatistics& statistics) {
    const StepRule rule = torchRule(step);
    StepPast past = pastOf(step);
    const bool tracks = step.runningMean || step.runningVar;
    m_unknownStarts += tracks && !past.before.runningMean && !past.before.runningVar ? 1 : 0;
    std::vector<TraceCheck> checks = checkStep(step, statistics, rule, past);
    m_follows.reset();
    if (m_lastDiffered && m_ruleState && tracks) {
        m_follows = true;
        if (anyDiffers(checks)) {
            StepPast other = past;
            other.before = mixedState(past.before, *m_ruleState, checks);
            std::vector<TraceCheck> again = checkStep(step, statistics, rule, other);
            if (!anyDiffers(again)) {
                for (std::size_t i = 0; i < again.size(); ++i)
                    again[i].fromRuleState = checks[i].differs();
                checks = std::move(again);
                past = std::move(other);
                m_follows = false;
            }
        }
    }
    m_lastDiffered = anyBufferDiffers(checks);
    m_ruleState = buffersAfter(step, statistics, rule, past);
    return checks;
}

}  // namespace bnstudio
