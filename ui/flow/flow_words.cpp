// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_words.h"

#include "ui/flow/flow_scale.h"
#include "ui/format.h"
#include "ui/models/core_text.h"

#include <QCoreApplication>

namespace bnstudio {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("Flow", text);
}

std::int64_t notFinite(const LaneSnapshot& step) {
    std::int64_t count = 0;
    for (const HealthCounts& health : step.health)
        count += health.nonFinite();
    return count;
}

}  // namespace

Origin originOf(FlowMap map) {
    switch (map) {
    case FlowMap::X:
        return Origin::X;
    case FlowMap::Xhat:
        return Origin::Xhat;
    case FlowMap::Y:
        return Origin::Y;
    case FlowMap::Dy:
        return Origin::Dy;
    case FlowMap::GradXhat:
        return Origin::GradXhat;
    case FlowMap::GradX:
        return Origin::GradX;
    }
    return Origin::X;
}

QString flowMapName(FlowMap map) {
    switch (map) {
    case FlowMap::X:
        return QStringLiteral("x");
    case FlowMap::Xhat:
        return QStringLiteral("x̂");
    case FlowMap::Y:
        return QStringLiteral("y");
    case FlowMap::Dy:
        return QStringLiteral("dy");
    case FlowMap::GradXhat:
        return QStringLiteral("grad x̂");
    case FlowMap::GradX:
        return QStringLiteral("grad x");
    }
    return {};
}

QString switchWord(bool trains) {
    return trains ? tr("train") : tr("eval");
}

QString FlowWords::subtitle(FlowMap map, bool usesBatch) const {
    switch (map) {
    case FlowMap::X:
        return tr("input");
    case FlowMap::Xhat:
        return usesBatch ? tr("normalised") : tr("by running statistics");
    case FlowMap::Y:
        return tr("output");
    case FlowMap::Dy:
        return m_step && m_step->loss ? tr("loss %1").arg(formatNumber(*m_step->loss)) : tr("upstream");
    case FlowMap::GradXhat:
        return tr("dy · γ");
    case FlowMap::GradX:
        return usesBatch ? tr("also through μ, σ²") : tr("the direct term");
    }
    return {};
}

QString FlowWords::inputText(const Dims& shape) const {
    const QString dims = QString::fromStdString(shapeText(shape));
    const QString text = shape.size() == 3 && shape[2] > 1 ? tr("%1, l →").arg(dims) : tr("input, %1").arg(dims);
    const std::int64_t count = m_step ? notFinite(*m_step) : 0;
    return count == 0 ? text : tr("%1 not finite, %2").arg(formatCount(count), dims);
}

QString FlowWords::waiting(Origin origin, bool exists) const {
    if (!m_step)
        return origin == Origin::X ? tr("batch of step 0") : tr("comes with step 0");
    const auto phase = phaseOf(origin, *m_step);
    if (!phase || !exists)
        return tr("none");
    return tr("after “%1”").arg(titleOf(describePhase(*phase, *m_step)));
}

QString FlowWords::batchMean() const {
    return tr("batch mean");
}
QString FlowWords::batchStd() const {
    return tr("batch √var");
}

QString FlowWords::shortTitle(bool isBatch, bool isMean) const {
    if (isBatch)
        return isMean ? tr("μ batch") : tr("σ batch");
    return isMean ? tr("μ run.") : tr("σ run.");
}

QString FlowWords::beforeOrAfter(bool after) const {
    return after ? tr("after") : tr("before");
}

QString FlowWords::parameter(bool isWeight) const {
    return isWeight ? QStringLiteral("γ") : QStringLiteral("β");
}

QString FlowWords::parameterNote(bool isWeight) const {
    return isWeight ? QStringLiteral("weight") : QStringLiteral("bias");
}

QString FlowWords::gradient(bool isWeight) const {
    return isWeight ? tr("grad γ") : tr("grad β");
}

QString FlowWords::gradientNote(bool isWeight) const {
    return isWeight ? QStringLiteral("Σ dy·x̂") : QStringLiteral("Σ dy");
}

QString FlowWords::update(FlowStage stage, bool trains) const {
    if (!m_step)
        return {};
    if (stage == FlowStage::Never)
        return trains ? tr("no update") : tr("no update in eval");
    if (stage == FlowStage::Waiting)
        return tr("× %1 in phase %2").arg(factor()).arg(describePhase(Phase::RunningUpdate, *m_step).number);
    return shortUpdate(stage);
}

QString FlowWords::shortUpdate(FlowStage stage) const {
    if (!m_step)
        return {};
    return stage == FlowStage::Never ? tr("no update") : tr("× %1").arg(factor());
}

/// Weight of the batch in the running statistics; the cumulative average has 1/k.
QString FlowWords::factor() const {
    return m_step->before->layer.options().momentum ? limitText(m_step->forward.factor)
                                                    : tr("1/%1").arg(formatNumber(1 / m_step->forward.factor, 6));
}

QString FlowWords::notice() const {
    if (!m_step)
        return tr("Before step 0: here its batch x will become x̂ and y. Press → for the first step.");
    if (m_step->refused())
        return tr("refused: %1").arg(QString::fromStdString(m_step->error));
    if (m_step->skipped)
        return tr("This batch is skipped: the layer does not see it.");
    if (m_phase == Phase::Nothing)
        return tr("The batch has no values: there is nothing to normalise.");
    return {};
}

}  // namespace bnstudio
