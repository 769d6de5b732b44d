// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/trace_rule.h"

#include <string>
#include <vector>

namespace bnstudio {

/// Goes through a recording in order and compares every step with PyTorch's rule.
class TraceWalk {
public:
    explicit TraceWalk(const Trace& trace) : m_trace(trace) {}
    /// The checks of the next step. A running statistic that agrees from the rule's own state, after a recorded one that
    /// was wrong, counts as agreeing (TraceCheck::fromRuleState).
    std::vector<TraceCheck> next(const TraceStep& step, StepStatistics& statistics);
    /// What a step takes from the recording: the state before it, where that is known.
    StepPast pastOf(const TraceStep& step) const;
    /// Steps whose state before is not known.
    std::int64_t unknownStarts() const { return m_unknownStarts; }
    /// Whether the training went on from the wrong value of the step before; nothing when that step agreed.
    std::optional<bool> followsLastStep() const { return m_follows; }

private:
    bool startIsKnown(const TraceStep& step) const;

    const Trace& m_trace;
    std::optional<LayerState> m_ruleState;  ///< what the rule makes of the last step
    bool m_lastDiffered = false;
    std::optional<bool> m_follows;
    std::int64_t m_unknownStarts = 0;
};

}  // namespace bnstudio
