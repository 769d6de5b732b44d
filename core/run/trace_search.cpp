// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/trace_search.h"

#include "core/data/shortest_decimal.h"
#include "core/run/trace_causes.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

/// A step that differs, with what the explanations need.
struct Reloaded {
    Reloaded(const Trace& trace, const TraceWalk& walk, std::int64_t index)
        : step(loadTraceStep(trace, index)), statistics(step), past(walk.pastOf(step)) {
        if (index == 0)
            return;
        const TraceStep earlier = loadTraceStep(trace, index - 1);
        past.previousBatch = StepStatistics(earlier).of({}).front().statistics;
    }
    TraceStep step;
    StepStatistics statistics;
    StepPast past;
};

std::vector<CauseScore> scores(const Trace& trace, const TraceWalk& walk, const DifferingSteps& differing,
                               std::vector<CandidateCause> candidates, const std::function<void()>& stepDone) {
    std::vector<CauseScore> result(std::make_move_iterator(candidates.begin()),
                                   std::make_move_iterator(candidates.end()));
    for (const auto& [index, checks] : differing) {
        Reloaded reloaded(trace, walk, index);
        for (CauseScore& score : result) {
            if (!score.isHopeless())
                score.tryStep(reloaded.step, reloaded.statistics, reloaded.past, checks);
        }
        stepDone();
    }
    return result;
}

std::int64_t worth(const CauseScore& score) {
    return score.result().explained - score.broken();
}

void sortBestFirst(std::vector<CauseScore>& scores) {
    std::stable_sort(scores.begin(), scores.end(), [](const CauseScore& a, const CauseScore& b) {
        if (a.explainsFirst() != b.explainsFirst())
            return a.explainsFirst();
        return worth(a) > worth(b);
    });
}

bool explainsAll(const CauseScore& score) {
    return score.result().explainsAll() && score.broken() == 0;
}

}  // namespace

std::vector<TraceAlternative> searchCauses(const Trace& trace, const TraceWalk& walk, const DifferingSteps& differing,
                                           const TraceFits& fits, const std::function<void()>& stepDone) {
    std::vector<CauseScore> tried = scores(trace, walk, differing, simpleCauses(trace.meta(), fits), stepDone);
    sortBestFirst(tried);
    if (!explainsAll(tried.front())) {
        std::vector<CauseScore> more = scores(trace, walk, differing, combinedCauses(trace.meta(), fits), stepDone);
        tried.insert(tried.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
        sortBestFirst(tried);
    }
    std::vector<TraceAlternative> alternatives;
    for (const CauseScore& score : tried) {
        alternatives.push_back(score.result());
        // What it breaks elsewhere speaks against it as much as what it explains speaks for it.
        alternatives.back().explained = std::max<std::int64_t>(0, worth(score));
    }
    return alternatives;
}

TraceAlternative tryUnrecordedForwards(const Trace& trace, const TraceWalk& walk, const DifferingSteps& differing) {
    TraceAlternative result;
    result.cause = TraceCause::UnrecordedForwards;
    result.name = "forwards in training mode between the recorded steps";
    for (const auto& [index, checks] : differing) {
        for (const TraceCheck& check : checks) {
            result.differing += check.differs() ? 1 : 0;
            result.excessBefore = std::max(result.excessBefore, check.excess);
            result.errorBefore = std::max(result.errorBefore, std::abs(check.recorded - check.expected));
        }
        const Reloaded reloaded(trace, walk, index);
        const TraceStep& step = reloaded.step;
        const LayerState& before = reloaded.past.before;
        if (!step.tracked || !before.numBatchesTracked || !before.runningVar || !step.runningVar || !step.training)
            continue;
        const std::int64_t extra = *step.tracked - *before.numBatchesTracked - 1;
        const double factor = torchRule(step).factor;
        if (extra < 1 || !(factor > 0 && factor < 1))
            continue;
        const BatchStatistics batch = StepStatistics(step).of({}).front().statistics;
        const double keep = std::pow(1 - factor, static_cast<double>(extra));
        bool possible = true;
        for (std::size_t c = 0; c < batch.var.size(); ++c) {
            const double unbiased = batch.var[c] * static_cast<double>(batch.n) / static_cast<double>(batch.n - 1);
            const double between = ((*step.runningVar)[c] - factor * unbiased) / (1 - factor);
            const double least = -1e-5 * (std::abs((*step.runningVar)[c]) + unbiased);  // rounding of the terms
            possible = possible && (between - keep * (*before.runningVar)[c]) / (1 - keep) >= least;
        }
        result.parameter = std::max(result.parameter.value_or(0), static_cast<double>(extra));
        for (const TraceCheck& check : checks) {
            const bool isBuffer = check.quantity == TraceQuantity::RunningMean
                                  || check.quantity == TraceQuantity::RunningVar
                                  || check.quantity == TraceQuantity::BatchesTracked;
            result.explained += possible && isBuffer && check.differs() ? 1 : 0;
        }
    }
    return result;
}

TraceAlternative describeSingleStep(const Trace& trace, const TraceWalk& walk, const DifferingSteps& differing) {
    const auto& [index, checks] = *differing.begin();
    TraceAlternative result;
    result.cause = TraceCause::ChangedValue;
    result.name = "values of one step alone changed";
    for (const TraceCheck& check : checks) {
        result.differing += check.differs() ? 1 : 0;
        result.excessBefore = std::max(result.excessBefore, check.excess);
        result.errorBefore = std::max(result.errorBefore, std::abs(check.recorded - check.expected));
    }
    result.explained = differing.size() == 1 ? result.differing : 0;
    const auto first = std::find_if(checks.begin(), checks.end(), [](const TraceCheck& c) { return c.differs(); });
    const bool isVar = first->quantity == TraceQuantity::RunningVar;
    if (result.differing != 1 || !(isVar || first->quantity == TraceQuantity::RunningMean))
        return result;
    Reloaded reloaded(trace, walk, index);
    const LayerState rule = buffersAfter(reloaded.step, reloaded.statistics, torchRule(reloaded.step), reloaded.past);
    const ChannelVector& expected = isVar ? *rule.runningVar : *rule.runningMean;
    const ChannelVector& recorded = isVar ? *reloaded.step.runningVar : *reloaded.step.runningMean;
    // Least squares: small values say little about a factor.
    double product = 0, square = 0;
    std::vector<std::size_t> changed;
    for (std::size_t c = 0; c < expected.size(); ++c) {
        constexpr double rounding = 1e-4;  // far beyond float32, far below a change worth the name
        if (first->channelsBeyond < static_cast<std::int64_t>(expected.size())
            && std::abs(recorded[c] - expected[c]) <= rounding * std::abs(expected[c]))
            continue;
        changed.push_back(c);
        product += recorded[c] * expected[c];
        square += expected[c] * expected[c];
    }
    const double factor = product / square;
    double error = 0;
    for (const std::size_t c : changed)
        error = std::max(error, std::abs(recorded[c] - factor * expected[c]) / std::sqrt(square));
    constexpr double sameFactor = 1e-5;
    if (changed.empty() || !(error <= sameFactor * std::abs(factor)))
        return result;
    result.cause = TraceCause::ScaledValue;
    result.errorAfter = error * std::sqrt(square);
    result.parameter = std::round(factor * 1e5) / 1e5;
    result.name = "times " + shortestDecimal(*result.parameter);
    return result;
}

}  // namespace bnstudio
