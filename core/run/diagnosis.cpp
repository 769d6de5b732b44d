// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/diagnosis.h"

#include "core/error.h"
#include "core/run/diagnosis_text.h"
#include "core/run/trace_search.h"

#include <algorithm>
#include <array>

namespace bnstudio {

namespace {

constexpr std::array<std::string_view, traceQuantityCount> quantityNames{
    "mean", "var", "y", "running_mean", "running_var", "num_batches_tracked", "grad_bias", "grad_weight", "grad_input"};

bool differsIn(const std::vector<TraceCheck>& checks, std::initializer_list<TraceQuantity> quantities) {
    return std::any_of(checks.begin(), checks.end(), [&](const TraceCheck& check) {
        return check.differs() && std::find(quantities.begin(), quantities.end(), check.quantity) != quantities.end();
    });
}

/// One diagnosis in the making.
class Diagnosing {
public:
    Diagnosing(const Trace& trace, const Progress& progress, const std::stop_token& stop)
        : m_trace(trace), m_walk(trace), m_progress(progress), m_stop(stop) {}

    TraceDiagnosis run() {
        m_result.steps = m_trace.length();
        m_result.notes = m_trace.notes();
        for (std::int64_t index = 0; index < m_trace.length(); ++index) {
            checkOne(index);
            tick();
        }
        note();
        if (!m_differing.empty())
            explain();
        describeDiagnosis(m_trace, m_result);
        return std::move(m_result);
    }

private:
    void checkOne(std::int64_t index) {
        const TraceStep step = loadTraceStep(m_trace, index);
        StepStatistics statistics(step);
        std::vector<TraceCheck> checks = m_walk.next(step, statistics);
        if (m_walk.followsLastStep() && m_result.stepsDiffering == 1 && !m_result.laterStepsFollow)
            m_result.laterStepsFollow = m_walk.followsLastStep();
        for (const TraceCheck& check : checks) {
            if (check.differs() && !m_result.first)
                m_result.first = check;
        }
        m_result.checks.insert(m_result.checks.end(), checks.begin(), checks.end());
        if (std::none_of(checks.begin(), checks.end(), [](const TraceCheck& check) { return check.differs(); }))
            return;
        ++m_result.stepsDiffering;
        m_result.lastDiffering = step.number;
        fit(step, statistics, checks);
        m_differing.emplace(index, std::move(checks));
    }

    void fit(const TraceStep& step, StepStatistics& statistics, const std::vector<TraceCheck>& checks) {
        const StepPast past = m_walk.pastOf(step);
        const StepRule rule = torchRule(step);
        if (step.training && differsIn(checks, {TraceQuantity::RunningMean, TraceQuantity::RunningVar}))
            m_fits.addRunning(step, statistics, past);
        if (step.hasY && step.training && differsIn(checks, {TraceQuantity::Y}))
            m_fits.addOutput(step, statistics, past, rule);
        if (step.hasGradOutput && step.training
            && differsIn(checks, {TraceQuantity::GradBias, TraceQuantity::GradWeight}))
            m_fits.addGradients(step, statistics, past, rule);
    }

    void explain() {
        // Two rounds over the steps that differ, each as long as one over all of them.
        m_total += 2 * static_cast<std::int64_t>(m_differing.size());
        std::vector<TraceAlternative>& tried = m_result.tried;
        tried = searchCauses(m_trace, m_walk, m_differing, m_fits, [this] { tick(); });
        const auto better = [&](TraceAlternative alternative) {
            const bool wins = alternative.explained > 0 && !tried.front().explainsAll()
                              && alternative.explained > tried.front().explained;
            tried.insert(wins ? tried.begin() : tried.end(), std::move(alternative));
        };
        better(tryUnrecordedForwards(m_trace, m_walk, m_differing));
        if (m_differing.size() == 1)
            better(describeSingleStep(m_trace, m_walk, m_differing));
        const TraceAlternative& best = tried.front();
        // Of many values some agree with anything.
        constexpr std::int64_t leastShare = 4;
        const bool counts = best.explained > 0 && leastShare * best.explained >= best.differing;
        m_result.cause = counts ? best.cause : TraceCause::Unknown;
        m_result.parameter = counts ? best.parameter : std::nullopt;
    }

    void note() {
        if (m_walk.unknownStarts() > 0)
            m_result.notes.push_back("the running statistics of " + std::to_string(m_walk.unknownStarts())
                                     + " steps were not checked: the recording does not say from what they started");
        if (!m_trace.hasBatches())
            m_result.notes.push_back("without batches x.k only the running statistics are checked, from the recorded "
                                     "means and variances");
    }

    void tick() {
        if (m_stop.stop_requested())
            throw Error(ErrorCode::Cancelled, "stopped");
        ++m_done;
        if (m_progress)
            m_progress(std::min(1.0, static_cast<double>(m_done) / static_cast<double>(m_total)));
    }

    const Trace& m_trace;
    TraceWalk m_walk;
    const Progress& m_progress;
    std::stop_token m_stop;
    TraceDiagnosis m_result;
    TraceFits m_fits;
    DifferingSteps m_differing;
    std::int64_t m_done = 0;
    std::int64_t m_total = m_trace.length();
};

}  // namespace

std::string_view traceQuantityName(TraceQuantity quantity) {
    return quantityNames[static_cast<std::size_t>(quantity)];
}

TraceDiagnosis diagnose(const Trace& trace, const Progress& progress, std::stop_token stop) {
    return Diagnosing(trace, progress, stop).run();
}

}  // namespace bnstudio
