// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/flow/flow_content.h"

namespace bnstudio {

Origin originOf(FlowMap map);
/// "x", "x̂", "y", "dy", "grad x̂", "grad x".
QString flowMapName(FlowMap map);

/// "train" or "eval", on the switch.
QString switchWord(bool trains);

/// What the flow writes beside its maps and bars, for one phase of one step; @p step is null at the start.
class FlowWords {
public:
    FlowWords(const LaneSnapshot* step, Phase phase) : m_step(step), m_phase(phase) {}

    QString title(FlowMap map) const { return flowMapName(map); }
    QString subtitle(FlowMap map, bool usesBatch) const;
    /// "input, (32, 8)", and how many values are not finite.
    QString inputText(const Dims& shape) const;
    /// In place of a map: when it comes, or why it does not.
    QString waiting(Origin origin, bool exists) const;
    QString batchMean() const;
    QString batchStd() const;
    /// For narrow columns; cut off they still differ.
    QString shortTitle(bool isBatch, bool isMean) const;
    QString beforeOrAfter(bool after) const;
    QString parameter(bool isWeight) const;
    QString parameterNote(bool isWeight) const;
    QString gradient(bool isWeight) const;
    QString gradientNote(bool isWeight) const;
    QString update(FlowStage stage, bool trains) const;
    QString shortUpdate(FlowStage stage) const;
    QString notice() const;

private:
    QString factor() const;

    const LaneSnapshot* m_step;
    Phase m_phase;
};

}  // namespace bnstudio
