// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/number.h"
#include "core/run/snapshot.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bnstudio {

/// The parts of a step in the order in which they happen. Not every step has every phase.
enum class Phase : std::uint8_t {
    Nothing,  ///< the only phase of a step that was skipped, refused or saw an empty batch in eval
    Mean,     ///< in eval the running mean is looked up
    Variance,
    Normalise,
    Affine,
    RunningUpdate,
    Loss,
    GradSums,   ///< backward: Σdy and Σdy·x̂, which are the gradients of β and γ
    GradXhat,   ///< backward: dy·γ
    GradInput,  ///< backward: through mean and variance to x
    ParameterUpdate,
};

/// The phases of a step, at least one.
std::vector<Phase> phasesOf(const LaneSnapshot& step);

/// How a phase is named in this step; eval, one value, refusals and groups change words.
struct PhaseText {
    int number = 0;  ///< position among the tabs, from 1; the three phases of the backward pass share one
    int part = 0;    ///< 1, 2, 3 within the backward pass, else 0
    std::string title;
    std::string sentence;  ///< what happens, in one sentence
};
PhaseText describePhase(Phase phase, const LaneSnapshot& step);

/// The phase of this step in which a number comes into being; nothing for what the step starts from.
std::optional<Phase> phaseOf(Origin origin, const LaneSnapshot& step);
/// Whether a view that stands at the end of phase @p now shows the number.
bool isVisible(Origin origin, Phase now, const LaneSnapshot& step);
/// The origins that are new in a phase of this step: what a view fills in when it gets there. Numbers that the step
/// does not have (a momentum buffer without momentum) may be among them.
std::vector<Origin> newIn(Phase phase, const LaneSnapshot& step);

/// A place in time finer than a step.
struct PhasePosition {
    std::int64_t step = 0;
    Phase phase = Phase::Mean;
    bool operator==(const PhasePosition&) const = default;
};
/// Phases of a step, empty when the step does not exist or is not computed.
using PhasesAt = std::function<std::vector<Phase>(std::int64_t step)>;
/// One phase on or back, across steps. A phase that the step does not have counts as its place in the order. Nothing
/// at the ends of what @p phasesAt knows.
std::optional<PhasePosition> nextPhase(PhasePosition position, const PhasesAt& phasesAt);
std::optional<PhasePosition> previousPhase(PhasePosition position, const PhasesAt& phasesAt);

}  // namespace bnstudio
