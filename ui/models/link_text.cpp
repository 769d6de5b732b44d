// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/calculation_text.h"

#include <QCoreApplication>

namespace bnstudio {

namespace {

struct Name {
    Origin origin;
    const char* text;
};

// What a number is; the index of its cell or channel is added.
constexpr Name names[] = {
    {Origin::X, QT_TRANSLATE_NOOP("LinkText", "x%1, a value of the batch")},
    {Origin::Weight, QT_TRANSLATE_NOOP("LinkText", "γ%1 (weight) that this step used")},
    {Origin::Bias, QT_TRANSLATE_NOOP("LinkText", "β%1 (bias) that this step used")},
    {Origin::RunningMean, QT_TRANSLATE_NOOP("LinkText", "running_mean%1 before this step")},
    {Origin::RunningVar, QT_TRANSLATE_NOOP("LinkText", "running_var%1 before this step")},
    {Origin::BatchesTracked, QT_TRANSLATE_NOOP("LinkText", "num_batches_tracked before this step")},
    {Origin::ValuesPerChannel, QT_TRANSLATE_NOOP("LinkText", "from n = N·L, the values of a channel")},
    {Origin::ElementCount, QT_TRANSLATE_NOOP("LinkText", "N·C·L, all values of the batch")},
    {Origin::Eps, QT_TRANSLATE_NOOP("LinkText", "eps of the layer")},
    {Origin::Momentum, QT_TRANSLATE_NOOP("LinkText", "momentum of the layer: the weight of the new batch")},
    {Origin::LearningRate, QT_TRANSLATE_NOOP("LinkText", "the optimiser's learning rate")},
    {Origin::OptimizerMomentum, QT_TRANSLATE_NOOP("LinkText", "the optimiser's momentum")},
    {Origin::WeightDecay, QT_TRANSLATE_NOOP("LinkText", "the optimiser's weight decay")},
    {Origin::Beta1, QT_TRANSLATE_NOOP("LinkText", "beta1 of Adam")},
    {Origin::Beta2, QT_TRANSLATE_NOOP("LinkText", "beta2 of Adam")},
    {Origin::OptimizerEps, QT_TRANSLATE_NOOP("LinkText", "eps of the optimiser, not of the layer")},
    {Origin::TeacherWeight, QT_TRANSLATE_NOOP("LinkText", "γ*%1 of the teacher")},
    {Origin::TeacherBias, QT_TRANSLATE_NOOP("LinkText", "β*%1 of the teacher")},
    {Origin::SumX, QT_TRANSLATE_NOOP("LinkText", "the sum of the channel's values")},
    {Origin::Mean, QT_TRANSLATE_NOOP("LinkText", "batch mean of channel %1")},
    {Origin::MeanLow, QT_TRANSLATE_NOOP("LinkText", "what the batch mean lacks for being rounded to a double")},
    {Origin::SumSquares, QT_TRANSLATE_NOOP("LinkText", "the sum of squared distances from the batch mean")},
    {Origin::Var, QT_TRANSLATE_NOOP("LinkText", "batch var ÷n of channel %1")},
    {Origin::InvStd, QT_TRANSLATE_NOOP("LinkText", "1 / √(var + eps)")},
    {Origin::Xhat, QT_TRANSLATE_NOOP("LinkText", "x̂%1, the normalised value")},
    {Origin::Y, QT_TRANSLATE_NOOP("LinkText", "y%1, the output")},
    {Origin::XhatInTraining, QT_TRANSLATE_NOOP("LinkText", "x̂%1 as training mode would make it")},
    {Origin::BatchesTrackedAfter, QT_TRANSLATE_NOOP("LinkText", "num_batches_tracked after this step")},
    {Origin::RunningMeanAfter, QT_TRANSLATE_NOOP("LinkText", "running_mean%1 after this step")},
    {Origin::RunningVarAfter, QT_TRANSLATE_NOOP("LinkText", "running_var%1 after this step")},
    {Origin::Target, QT_TRANSLATE_NOOP("LinkText", "the target of the loss")},
    {Origin::SumLoss, QT_TRANSLATE_NOOP("LinkText", "the sum of all terms of the loss")},
    {Origin::Loss, QT_TRANSLATE_NOOP("LinkText", "the loss")},
    {Origin::Dy, QT_TRANSLATE_NOOP("LinkText", "dy%1, the gradient of the loss by y")},
    {Origin::SumDy, QT_TRANSLATE_NOOP("LinkText", "the sum of dy over the channel")},
    {Origin::SumDyXhat, QT_TRANSLATE_NOOP("LinkText", "the sum of dy·x̂ over the channel")},
    {Origin::GradBias, QT_TRANSLATE_NOOP("LinkText", "gradient of β%1")},
    {Origin::GradWeight, QT_TRANSLATE_NOOP("LinkText", "gradient of γ%1")},
    {Origin::GradXhat, QT_TRANSLATE_NOOP("LinkText", "gradient of x̂%1")},
    {Origin::GradDirect, QT_TRANSLATE_NOOP("LinkText", "the part of grad x that acts directly")},
    {Origin::GradThroughMean, QT_TRANSLATE_NOOP("LinkText", "the part of grad x that acts through the mean")},
    {Origin::GradThroughVar, QT_TRANSLATE_NOOP("LinkText", "the part of grad x that acts through the variance")},
    {Origin::GradX, QT_TRANSLATE_NOOP("LinkText", "grad x%1, what goes back to the layer below")},
    {Origin::DecayedGrad, QT_TRANSLATE_NOOP("LinkText", "the gradient with weight decay")},
    {Origin::MomentumBuffer, QT_TRANSLATE_NOOP("LinkText", "the optimiser's buffer before this step")},
    {Origin::MomentumBufferAfter, QT_TRANSLATE_NOOP("LinkText", "the optimiser's buffer after this step")},
    {Origin::NesterovGrad, QT_TRANSLATE_NOOP("LinkText", "the step that Nesterov's rule takes")},
    {Origin::ExpAvg, QT_TRANSLATE_NOOP("LinkText", "exp_avg of Adam before this step")},
    {Origin::ExpAvgSq, QT_TRANSLATE_NOOP("LinkText", "exp_avg_sq of Adam before this step")},
    {Origin::ExpAvgAfter, QT_TRANSLATE_NOOP("LinkText", "exp_avg of Adam after this step")},
    {Origin::ExpAvgSqAfter, QT_TRANSLATE_NOOP("LinkText", "exp_avg_sq of Adam after this step")},
    {Origin::OptimizerSteps, QT_TRANSLATE_NOOP("LinkText", "steps of the optimiser, this one included")},
    {Origin::BiasCorrection1, QT_TRANSLATE_NOOP("LinkText", "bias correction of exp_avg")},
    {Origin::BiasCorrection2, QT_TRANSLATE_NOOP("LinkText", "bias correction of exp_avg_sq")},
    {Origin::ParameterAfter, QT_TRANSLATE_NOOP("LinkText", "the parameter%1 after this step")},
};

QString indexOf(const Link& link) {
    if (link.n >= 0)
        return QStringLiteral("[%1, %2, %3]").arg(link.n).arg(link.c).arg(link.l);
    return link.c >= 0 ? QStringLiteral("[%1]").arg(link.c) : QString();
}

}  // namespace

QString placeText(const Link& link) {
    for (const Name& name : names) {
        if (name.origin != link.origin)
            continue;
        const QString text = QCoreApplication::translate("LinkText", name.text);
        const bool inWords = link.origin == Origin::Mean || link.origin == Origin::Var;
        return text.contains(QStringLiteral("%1")) ? text.arg(inWords ? QString::number(link.c) : indexOf(link)) : text;
    }
    return {};
}

}  // namespace bnstudio
