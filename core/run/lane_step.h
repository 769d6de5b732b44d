// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/step.h"

#include <span>

namespace bnstudio {

/// One lane's part of a step.
class LaneStep {
public:
    LaneStep(const StepRequest& request, std::span<const Event> events, std::size_t lane, Workspace& workspace,
             bool outputWanted);

    /// @p earlier holds the snapshots of the lanes before this one.
    LaneSnapshot run(const std::shared_ptr<const LaneState>& before,
                     const std::vector<std::shared_ptr<const LaneSnapshot>>& earlier);

private:
    bool concerns(const Event& event) const { return event.lane < 0 || event.lane == static_cast<int>(m_lane); }
    const Trace* recording() const;
    void applyEvents(const std::shared_ptr<const LaneState>& before);
    void takeRecordedState();
    bool isSkipped() const;
    const Tensor& editedBatch();
    const Tensor& editedGradient();
    const Tensor* input(const std::vector<std::shared_ptr<const LaneSnapshot>>& earlier);
    void prepareGradient(const Tensor& x);
    const Tensor* recordedGradient(const Tensor& x);
    const Tensor* upstreamGradient() const;
    void runWhole(const Tensor& x);
    void runGroups(const Tensor& x);
    /// Forward and backward of one input; @p share is its part of the samples of the step.
    void pass(const Tensor& x, const Tensor* gradient, double share);
    void backward(const Tensor& x, const Tensor* gradient, double share);
    void update();
    void visit();

    const StepRequest& m_request;
    std::span<const Event> m_events;
    std::size_t m_lane;
    Workspace& m_workspace;
    Workspace::Lane& m_tensors;
    bool m_outputWanted;
    bool m_yComputed = false;

    LaneState m_state;  ///< in work; becomes `after`
    LaneSnapshot m_result;
};

}  // namespace bnstudio
