// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/step_chart.h"

namespace bnstudio {

/// What the step plots take from a session or a figure.
struct StepSource {
    SeriesView series, ghost;
    std::shared_ptr<const RecordedSeries> recorded;  ///< null: none
    std::vector<std::int64_t> channels;              ///< at most `mostLines` are drawn
    std::int64_t current = 0;
    std::vector<std::int64_t> events;
    bool logScale = false;
    bool showsBatchOfAll = false;  ///< dots for every channel, not only the current one
    static constexpr std::size_t mostLines = 16;
};

/// A session's series, selection, events; @p logScale is the view's.
StepSource stepSource(const Session& session, bool logScale);

/// Steps of the events that act on lane 0, ascending, each once.
std::vector<std::int64_t> stepsWithEvents(const Recipe& recipe);

/// running_mean or running_var with batch dots, population, ghost and what was recorded.
StepContent runningContent(const StepSource& source, Quantity quantity, const Palette& palette);
/// γ and β, or their gradients. @p affine and @p backward word the empty state.
StepContent parameterContent(const StepSource& source, bool gradients, bool affine, bool backward,
                             const Palette& palette);
/// The loss; @p shownStep gives the value in the legend.
StepContent lossContent(const StepSource& source, bool hasLoss, std::int64_t shownStep, const Palette& palette);

}  // namespace bnstudio
