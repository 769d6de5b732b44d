// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_content.h"

#include "ui/flow/flow_scale.h"
#include "ui/flow/flow_words.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

constexpr std::int64_t limitReads = 20000;

ChannelVector roots(const ChannelVector& values) {
    ChannelVector result(values.size());
    std::transform(values.begin(), values.end(), result.begin(), [](double value) { return std::sqrt(value); });
    return result;
}

/// Fills a FlowContent part by part.
class ContentBuilder {
public:
    explicit ContentBuilder(const FlowSource& source)
        : m_source(source), m_step(source.lane.get()), m_words(source.lane.get(), source.phase) {}

    FlowContent build() {
        const Dims& shape = m_source.frame ? m_source.frame->x.shape() : m_source.batchShape;
        m_content.matrix = FlowMatrix::of(shape);
        m_content.matrix.unfolded = m_content.matrix.canUnfold() ? m_source.unfolded : -1;
        m_content.frame = m_source.frame;
        m_content.phase = m_source.phase;
        const LaneState* state = m_step ? m_step->before.get() : m_source.state.get();
        m_content.trains = !state || state->trainMode;
        m_content.usesBatch = m_step && hasForward() ? m_step->forward.usedBatchStatistics : usesBatchByRule(state);
        m_content.notice = m_words.notice();
        addMaps(shape);
        addBatch();
        addRunning();
        addParameters();
        addArrows();
        m_content.mayHaveNotFinite = m_step && m_source.frame && mayHaveNotFinite();
        return std::move(m_content);
    }

private:
    bool hasForward() const { return !m_step->forward.mean.empty(); }

    static bool usesBatchByRule(const LaneState* state) {
        return !state || state->trainMode || !state->layer.state().runningMean || !state->layer.state().runningVar;
    }

    bool isBackward() const { return m_step && m_source.phase >= Phase::Loss && m_source.phase <= Phase::GradInput; }
    bool updates() const { return m_step && hasPhase(Phase::RunningUpdate) && m_source.phase >= Phase::RunningUpdate; }
    bool hasPhase(Phase phase) const {
        const std::vector<Phase> phases = phasesOf(*m_step);
        return std::find(phases.begin(), phases.end(), phase) != phases.end();
    }

    /// Without a look at every value: those of x are counted by the layer, the others follow from x and one number a
    /// channel, and a sum is as finite as what it adds.
    bool mayHaveNotFinite() const {
        const auto isOff = [](double value) { return !std::isfinite(value); };
        const auto& health = m_step->health;
        const auto& transforms = m_source.frame->transforms;
        return std::any_of(health.begin(), health.end(), [](const HealthCounts& each) { return each.nonFinite() > 0; })
               || std::any_of(transforms.begin(), transforms.end(),
                              [&](const ChannelTransform& each) { return isOff(each.slope()) || isOff(each.y(0)); })
               || (m_step->backward
                   && std::any_of(m_step->backward->sumDy.begin(), m_step->backward->sumDy.end(), isOff));
    }

    FlowStage stageAt(Phase phase) const {
        if (!m_step)
            return FlowStage::Waiting;
        if (!hasPhase(phase))
            return FlowStage::Never;
        return m_source.phase == phase ? FlowStage::Now : m_source.phase > phase ? FlowStage::Done : FlowStage::Waiting;
    }

    FlowStage stageOf(Origin origin) const {
        const auto phase = m_step ? phaseOf(origin, *m_step) : std::nullopt;
        return phase ? stageAt(*phase) : FlowStage::Waiting;
    }

    // --- maps ---------------------------------------------------------------------------------------------------

    void addMaps(const Dims& shape) {
        const Phase now = m_source.phase;
        const bool gradients = isBackward() && m_source.frame && hasValues(*m_source.frame, FlowMap::Dy);
        addMap(0, gradients && now == Phase::GradInput ? FlowMap::GradX : FlowMap::X);
        addMap(1, gradients && now >= Phase::GradXhat ? FlowMap::GradXhat : FlowMap::Xhat);
        addMap(2, gradients ? FlowMap::Dy : FlowMap::Y);
        if (m_content.maps[0].map == FlowMap::X)
            m_content.maps[0].subtitle = m_words.inputText(shape);
    }

    void addMap(std::size_t place, FlowMap map) {
        FlowMapContent& content = m_content.maps[place];
        content.map = map;
        content.title = m_words.title(map);
        content.subtitle = m_words.subtitle(map, m_content.usesBatch);
        const Origin origin = originOf(map);
        content.stage = map == FlowMap::X && m_step ? FlowStage::Done : stageOf(origin);
        const bool exists = m_source.frame && hasValues(*m_source.frame, map);
        if (!exists || content.stage == FlowStage::Waiting || content.stage == FlowStage::Never)
            content.waiting = m_words.waiting(origin, exists);
        content.limit = exists ? limitOf(*m_source.frame, map, limitReads) : map == FlowMap::X ? 1 : 3;
    }

    // --- bars ---------------------------------------------------------------------------------------------------

    void addBatch() {
        FlowBars& mean = m_content.statistics[BatchMean];
        FlowBars& deviation = m_content.statistics[BatchStd];
        mean.title = m_words.batchMean();
        deviation.title = m_words.batchStd();
        mean.shortTitle = m_words.shortTitle(true, true);
        deviation.shortTitle = m_words.shortTitle(true, false);
        if (m_step) {
            const Moments& batch = m_step->batch;
            mean.note = deviation.note = QStringLiteral("÷%1").arg(batch.valuesPerChannel);
            mean.values = batch.mean;
            deviation.values = roots(batch.var);
            mean.stage = m_content.usesBatch ? stageOf(Origin::Mean) : FlowStage::Aside;
            deviation.stage = m_content.usesBatch ? stageOf(Origin::Var) : FlowStage::Aside;
        }
    }

    void addRunning() {
        const LaneState* state = m_step ? (updates() ? m_step->after : m_step->before).get() : m_source.state.get();
        FlowBars& mean = m_content.statistics[RunningMeanBars];
        FlowBars& deviation = m_content.statistics[RunningStdBars];
        mean.title = QStringLiteral("running_mean");
        deviation.title = QStringLiteral("√running_var");
        mean.shortTitle = m_words.shortTitle(false, true);
        deviation.shortTitle = m_words.shortTitle(false, false);
        if (state) {
            const LayerState& layer = state->layer.state();
            mean.values = layer.runningMean.value_or(ChannelVector{});
            deviation.values = roots(layer.runningVar.value_or(ChannelVector{}));
            m_content.hasRunning = layer.runningMean || layer.runningVar;
            const bool now = m_step && stageAt(Phase::RunningUpdate) == FlowStage::Now;
            mean.stage = deviation.stage = now ? FlowStage::Now : FlowStage::Done;
            if (m_step && hasPhase(Phase::RunningUpdate))
                mean.note = deviation.note = m_words.beforeOrAfter(updates());
        }
        // The same scale, so that the batch can be held against what is running.
        shareLimit(BatchMean, RunningMeanBars);
        shareLimit(BatchStd, RunningStdBars);
    }

    void shareLimit(FlowStatistic a, FlowStatistic b) {
        FlowBars &first = m_content.statistics[a], &second = m_content.statistics[b];
        std::vector<double> all = first.values;
        all.insert(all.end(), second.values.begin(), second.values.end());
        first.limit = second.limit = limitOf(all);
    }

    void addParameters() {
        const bool updated = m_step && stageAt(Phase::ParameterUpdate) == FlowStage::Now;
        const LaneState* state = m_step ? (updated ? m_step->after : m_step->before).get() : m_source.state.get();
        if (!state)
            return;
        const LayerState& layer = state->layer.state();
        m_content.hasParameters = layer.weight || layer.bias;
        const bool gradients = m_step && m_step->backward && m_source.phase == Phase::GradSums;
        for (const bool isWeight : {true, false}) {
            FlowBars& bars = m_content.parameters[isWeight ? 0 : 1];
            const auto& values = isWeight ? layer.weight : layer.bias;
            bars.values = values.value_or(ChannelVector{});
            bars.title = m_words.parameter(isWeight);
            bars.note = updated ? m_words.beforeOrAfter(true) : m_words.parameterNote(isWeight);
            bars.stage = updated ? FlowStage::Now : FlowStage::Done;
            if (gradients) {
                bars.values = isWeight ? m_step->backward->sumDyXhat : m_step->backward->sumDy;
                bars.title = m_words.gradient(isWeight);
                bars.note = m_words.gradientNote(isWeight);
                bars.stage = FlowStage::Now;
            }
            bars.limit = limitOf(bars.values);
        }
        m_content.hasParameters = m_content.hasParameters || gradients;
    }

    // --- arrows -------------------------------------------------------------------------------------------------

    void addArrows() {
        FlowArrows& arrows = m_content.arrows;
        arrows.isBackward = isBackward() && m_source.phase > Phase::Loss;
        if (arrows.isBackward)
            return addBackwardArrows();
        const bool batch = m_content.usesBatch;
        const FlowStage mean = stageOf(Origin::Mean), variance = stageOf(Origin::Var);
        arrows.toBatch = !batch                                                 ? FlowStage::Aside
                         : mean == FlowStage::Now || variance == FlowStage::Now ? FlowStage::Now
                                                                                : variance;
        const FlowStage normalise = stageOf(Origin::Xhat);
        arrows.fromBatch = batch ? normalise : FlowStage::Aside;
        arrows.fromRunning = batch ? FlowStage::Aside : normalise;
        arrows.toRunning = m_step ? stageAt(Phase::RunningUpdate) : FlowStage::Waiting;
        if (m_content.hasRunning) {
            arrows.update = m_words.update(arrows.toRunning, m_content.trains);
            arrows.shortUpdate = m_words.shortUpdate(arrows.toRunning);
        }
        arrows.toAffine = arrows.toOutput = stageOf(Origin::Y);
    }

    void addBackwardArrows() {
        FlowArrows& arrows = m_content.arrows;
        const bool batch = m_content.usesBatch;
        arrows.toOutput = stageAt(Phase::GradSums);
        arrows.toAffine = stageAt(Phase::GradXhat);
        const FlowStage input = stageAt(Phase::GradInput);
        arrows.fromBatch = batch ? input : FlowStage::Aside;
        arrows.toBatch = input;
        arrows.fromRunning = batch ? FlowStage::Aside : input;
        arrows.toRunning = FlowStage::Never;
    }

    const FlowSource& m_source;
    const LaneSnapshot* m_step;
    FlowWords m_words;
    FlowContent m_content;
};

}  // namespace

bool FlowBars::isSigned() const {
    return std::any_of(values.begin(), values.end(), [](double value) { return value < 0; });
}

FlowContent flowContent(const FlowSource& source) {
    return ContentBuilder(source).build();
}

}  // namespace bnstudio
