// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run.h"
#include "core/run/trace.h"

#include <functional>
#include <span>

namespace bnstudio {

/// Buffers that steps reuse, so that nothing proportional to N·C·L is allocated after the first one. After a step they
/// hold its tensors.
struct Workspace {
    struct Lane {
        Tensor editedBatch, editedGradient;  ///< used when an edit concerns this lane alone
        Tensor recordedGradient;             ///< used when the upstream gradient comes from a recording
        Tensor fed, fedGradient;             ///< used when the feed is not the batch itself
        Tensor group, groupGradient;         ///< Groups: the group in work
        Tensor y, dy, gradInput;
        Tensor output;                       ///< Groups: y of all groups
        const Tensor* gradient = nullptr;    ///< upstream gradient of the lane, null where there is none
        const Tensor* x = nullptr;           ///< input of the last forward, null when there was none
        const Tensor* gradOutput = nullptr;  ///< dy of the last backward
        const Tensor* produced = nullptr;    ///< what a lane fed by this one sees
    };
    Tensor batch, gradient;
    std::vector<Lane> lanes;
};

using LaneVisitor = std::function<void(int lane, const Run::StepTensors&)>;

struct StepRequest {
    const Recipe& recipe;
    const BatchStream& stream;
    /// One a lane, null where the lane follows none; may be empty when no lane does.
    std::span<const std::shared_ptr<const Trace>> recordings = {};
    std::int64_t step = 0;
    std::int64_t batchBytes = BatchStream::defaultByteLimit;
    /// False when the states already have this step's events applied: the batch edits act all the same.
    bool applyEvents = true;
    /// Only this lane and those that feed it; the others get no snapshot.
    std::optional<int> onlyLane;
    std::optional<bool> forcedMode;  ///< train or eval for `onlyLane`, whatever its state says
    LaneVisitor visit;               ///< gets the tensors of every lane; grad_input is computed only for it
    std::stop_token stop;
};

/// One step of every lane: a pure function of state, batch and settings. Order: events, forward, loss, backward,
/// update of γ and β. A lane that refuses its batch records why and the others go on.
///
/// A lane fed in groups runs forward and backward once a group and adds the parameter gradients up, as .grad does; a
/// mean loss counts every group by its share of the samples, so that equal groups make the mean over the whole batch.
/// The update comes once, at the end.
///
/// y is computed only where something needs it (a loss, a lane fed by this one, a visitor); that changes no number.
/// Throws Error(Cancelled); @p before is never changed.
std::shared_ptr<const Snapshot> computeStep(const StepRequest& request, const State& before, Workspace& workspace);

/// Throws Error(Cancelled) when asked to stop.
void throwIfStopped(const std::stop_token& stop);

}  // namespace bnstudio
