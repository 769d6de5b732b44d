// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/phases.h"
#include "ui/flow/flow_bins.h"

#include <QString>

#include <array>

namespace bnstudio {

/// A step as the flow sees it. At the start there is neither frame nor lane, but a state.
struct FlowSource {
    std::shared_ptr<const Frame> frame;
    std::shared_ptr<const LaneSnapshot> lane;
    std::shared_ptr<const LaneState> state;
    Phase phase = Phase::Nothing;
    Dims batchShape;             ///< of the first step, to draw the start by
    std::int64_t unfolded = -1;  ///< as in FlowMatrix
    bool peeking = false;
};

/// Whether a number, a map or an arrow has come about at the end of the displayed phase.
enum class FlowStage {
    Waiting,  ///< drawn hollow: happens in a later phase
    Now,      ///< happens in the displayed phase
    Done,
    Aside,  ///< has values that this step does not use
    Never,  ///< does not happen in this step
};

/// One heat map in its place.
struct FlowMapContent {
    FlowMap map = FlowMap::X;
    QString title, subtitle;
    FlowStage stage = FlowStage::Waiting;
    QString waiting;  ///< why there are no values; empty when there are
    double limit = 1;
    bool isShown() const { return waiting.isEmpty(); }
};

/// A row of bars, a bar a channel.
struct FlowBars {
    QString title, note;
    QString shortTitle;  ///< where the title of any row has too little room; empty: none
    FlowStage stage = FlowStage::Waiting;
    std::vector<double> values;  ///< (C); empty where there are none
    double limit = 1;
    bool isShown() const { return !values.empty() && stage != FlowStage::Waiting; }
    /// Negative bars need room below the line.
    bool isSigned() const;
};

/// The arrows; in the backward phases they point the other way.
struct FlowArrows {
    FlowStage toBatch = FlowStage::Waiting;      ///< x → batch statistics
    FlowStage fromBatch = FlowStage::Waiting;    ///< batch statistics → x̂
    FlowStage fromRunning = FlowStage::Waiting;  ///< running statistics → x̂
    FlowStage toRunning = FlowStage::Waiting;    ///< batch statistics → running statistics
    FlowStage toAffine = FlowStage::Waiting;     ///< x̂ → γ, β
    FlowStage toOutput = FlowStage::Waiting;     ///< γ, β → y
    bool isBackward = false;
    QString update, shortUpdate;  ///< beside the arrow to the running statistics; the short one where room is scarce
};

/// Where the rows of bars stand in FlowContent::statistics and ::parameters.
enum FlowStatistic : std::size_t { BatchMean, BatchStd, RunningMeanBars, RunningStdBars };

/// Everything the flow says about a step, without where it stands.
struct FlowContent {
    FlowMatrix matrix;
    Phase phase = Phase::Nothing;
    std::shared_ptr<const Frame> frame;
    std::array<FlowMapContent, 3> maps;
    std::array<FlowBars, 4> statistics;  ///< by FlowStatistic
    std::array<FlowBars, 2> parameters;  ///< γ, β or their gradients
    bool hasRunning = false, hasParameters = false;
    FlowArrows arrows;
    bool mayHaveNotFinite = false;  ///< values, or what they were computed with, are NaN or infinite
    bool trains = true;             ///< mode of the layer
    bool usesBatch = true;          ///< what x̂ is made with
    QString notice;  ///< a sentence where something is out of the ordinary: the start, refused, skipped, empty
};

FlowContent flowContent(const FlowSource& source);

}  // namespace bnstudio
