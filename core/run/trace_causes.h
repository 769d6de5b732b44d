// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/trace_fits.h"

#include <functional>
#include <string>
#include <vector>

namespace bnstudio {

/// An explanation to try: what it makes of PyTorch's rule at a step, or nothing where it does not apply.
struct CandidateCause {
    TraceCause cause = TraceCause::Unknown;
    std::string name;
    std::optional<double> parameter;
    std::function<std::optional<StepRule>(const TraceStep& step, StepRule rule)> change;
};

/// Simple explanations in the order in which they are preferred when several explain the same: those without a free
/// parameter first.
std::vector<CandidateCause> simpleCauses(const TraceMeta& meta, const TraceFits& fits);
/// Two or three of them together, as when a layer of another framework was ported.
std::vector<CandidateCause> combinedCauses(const TraceMeta& meta, const TraceFits& fits);

/// How far a candidate explains the checks that differ; collected step by step.
class CauseScore {
public:
    explicit CauseScore(CandidateCause candidate);
    /// @p original are the checks of the step under PyTorch's rule.
    void tryStep(const TraceStep& step, StepStatistics& statistics, const StepPast& past,
                 const std::vector<TraceCheck>& original);
    /// Has explained nothing for many steps: not worth more time.
    bool isHopeless() const;
    bool explainsFirst() const { return m_explainsFirst; }
    const TraceAlternative& result() const { return m_result; }
    std::int64_t broken() const { return m_broken; }

private:
    void count(const TraceCheck& original, const TraceCheck& now);
    CandidateCause m_candidate;
    TraceAlternative m_result;
    std::int64_t m_broken = 0, m_steps = 0;
    bool m_explainsFirst = false;
};

}  // namespace bnstudio
