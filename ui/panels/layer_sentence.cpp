// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/layer_sentence.h"

#include "ui/format.h"
#include "ui/theme.h"
#include "ui/widgets/number_list.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>

namespace bnstudio {
namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bnstudio::LayerSentence)
};

/// What the sentences depend on, read off the snapshot or, at the start, off the settings.
struct Facts {
    bool train = true, track = true;
    bool hasMean = true, hasVar = true, hasCounter = true;
    std::optional<double> momentum;     ///< nothing: cumulative
    std::optional<std::int64_t> count;  ///< num_batches_tracked after the step
    QString n, nMinusOne;               ///< "32" and "31", or the letters

    /// Semantics 15.
    bool usesBatch() const { return train || (!hasMean && !hasVar); }
    bool updates() const { return train && track && (hasMean || hasVar); }
};

Facts factsOf(const Shown& shown, const EffectiveSettings& settings) {
    Facts facts;
    facts.n = QStringLiteral("n");
    facts.nMinusOne = QStringLiteral("(n−1)");
    const LaneState* before = shown.lane ? shown.lane->before.get() : nullptr;
    // What the step was computed with, so that the sentence never contradicts the numbers on display.
    const LayerOptions& options = before ? before->layer.options() : settings.layer;
    facts.train = before ? before->trainMode : settings.trainMode;
    facts.track = options.trackRunningStats;
    facts.momentum = options.momentum;
    if (const LaneState* known = before ? before : shown.state.get()) {
        const LayerState& state = known->layer.state();
        facts.hasMean = state.runningMean.has_value();
        facts.hasVar = state.runningVar.has_value();
        facts.hasCounter = state.numBatchesTracked.has_value();
        facts.count = state.numBatchesTracked;
        if (facts.count && facts.train && facts.track)
            ++*facts.count;
    } else {
        facts.hasMean = facts.hasVar = facts.hasCounter = facts.track;
    }
    if (before && shown.lane->after)
        facts.count = shown.lane->after->layer.state().numBatchesTracked;
    if (shown.lane && shown.lane->forward.valuesPerChannel > 0) {
        facts.n = formatCount(shown.lane->forward.valuesPerChannel);
        facts.nMinusOne = formatCount(shown.lane->forward.valuesPerChannel - 1);
    }
    return facts;
}

QString batch(const QString& text) {
    return QStringLiteral("<batch>") + text + QStringLiteral("</batch>");
}
QString running(const QString& text) {
    return QStringLiteral("<running>") + text + QStringLiteral("</running>");
}

QString normalises(const Facts& facts) {
    if (!facts.usesBatch())
        return Words::tr("Normalises with the %1.").arg(running(Words::tr("running statistics")));
    const QString thisBatch = batch(Words::tr("this batch"));
    if (!facts.train)
        return Words::tr("Normalises with %1 (÷%2) although it is in eval: there are no running statistics.")
            .arg(thisBatch, facts.n);
    return Words::tr("Normalises with %1 (÷%2).").arg(thisBatch, facts.n);
}

/// "0.9 · running + 0.1 · batch", as a fraction for the cumulative average.
QString blend(const Facts& facts, const QString& old, const QString& fresh) {
    QString keep, take;
    if (facts.momentum) {
        keep = settingText(1 - *facts.momentum);
        take = settingText(*facts.momentum);
    } else if (!facts.hasCounter) {
        keep = QStringLiteral("1");
        take = QStringLiteral("0");
    } else {
        const std::int64_t count = facts.count.value_or(1);
        keep = QStringLiteral("%1/%2").arg(count - 1).arg(count);
        take = QStringLiteral("1/%1").arg(count);
    }
    return QStringLiteral("%1 · %2 + %3 · %4").arg(keep, old, take, fresh);
}

QString updates(const Facts& facts) {
    if (facts.hasMean && !facts.hasVar)
        return Words::tr("Then running_mean ← %1. There is no running_var.")
            .arg(blend(facts, QStringLiteral("running_mean"), Words::tr("batch mean")));
    if (facts.hasVar && !facts.hasMean)
        return Words::tr("Then running_var ← %1 (÷%2). There is no running_mean.")
            .arg(blend(facts, QStringLiteral("running_var"), Words::tr("batch var")), facts.nMinusOne);
    const QString all = Words::tr("Then running ← %1 (÷%2)")
                            .arg(blend(facts, Words::tr("running"), Words::tr("batch")), facts.nMinusOne);
    if (!facts.momentum && facts.hasCounter)
        return Words::tr("%1, the average of all batches so far.").arg(all);
    if (facts.momentum == 0.0)
        return Words::tr("%1: with momentum 0 they stay.").arg(all);
    return all + QLatin1Char('.');
}

QString leaves(const Facts& facts) {
    if (!facts.train)
        return Words::tr("Nothing is updated.");
    if (facts.hasMean || facts.hasVar)
        return Words::tr("track_running_stats is off: the running statistics stay as they are.");
    if (facts.track && facts.hasCounter)
        return Words::tr("There are no running statistics to update; num_batches_tracked still counts.");
    return Words::tr("There are no running statistics to update.");
}

/// Semantics 11: one buffer is missing and the other one would be used.
QString missingBuffer(const Facts& facts) {
    return Words::tr("Refused: %1 must be defined in evaluation mode.")
        .arg(facts.hasMean ? QStringLiteral("running_var") : QStringLiteral("running_mean"));
}

QString refusal(const LaneSnapshot& lane) {
    const QString refused = Words::tr("Refused: %1.").arg(QString::fromStdString(lane.error).toHtmlEscaped());
    if (!lane.before || !lane.after)
        return refused;
    if (lane.before->layer.state().numBatchesTracked == lane.after->layer.state().numBatchesTracked)
        return refused + QLatin1Char(' ') + Words::tr("Nothing changed.");
    return refused + QLatin1Char(' ') + Words::tr("Only num_batches_tracked went up, as in PyTorch.");
}

bool isEmptyBatch(const LaneSnapshot& lane) {
    return std::find(lane.inputShape.begin(), lane.inputShape.end(), 0) != lane.inputShape.end();
}

/// With <batch> and <running> around the words that the rich text colours.
QString marked(const Shown& shown, const EffectiveSettings& settings) {
    if (shown.lane && shown.lane->skipped)
        return Words::tr("This batch is skipped: the layer does not see it, and nothing changes.");
    if (shown.lane && shown.lane->refused())
        return refusal(*shown.lane);
    const Facts facts = factsOf(shown, settings);
    if (shown.lane && isEmptyBatch(*shown.lane))
        return facts.train && facts.track && facts.hasCounter
                   ? Words::tr("The batch is empty, and so is the output. Only num_batches_tracked went up, as in "
                               "PyTorch.")
                   : Words::tr("The batch is empty, and so is the output. Nothing is updated.");
    QStringList sentences;
    if (!shown.lane)
        sentences << Words::tr("Before step 0, which will do this:");
    if (shown.lane && shown.lane->groups > 1)
        sentences << Words::tr("%n forward passes in this step, one a group; each does this:", nullptr,
                               shown.lane->groups);
    if (!facts.usesBatch() && facts.hasMean != facts.hasVar)
        return (sentences << missingBuffer(facts)).join(QLatin1Char(' '));
    sentences << normalises(facts) << (facts.updates() ? updates(facts) : leaves(facts));
    return sentences.join(QLatin1Char(' '));
}

QString withSpans(QString text, const char* tag, const QColor& color) {
    const QLatin1String name(tag);
    text.replace(QStringLiteral("</%1>").arg(name), QStringLiteral("</b>"));
    return text.replace(QStringLiteral("<%1>").arg(name), QStringLiteral("<b style=\"color:%1\">").arg(color.name()));
}

}  // namespace

QString describeLayer(const Shown& shown, const EffectiveSettings& settings) {
    QString text = marked(shown, settings);
    for (const char* tag : {"<batch>", "</batch>", "<running>", "</running>"})
        text.remove(QLatin1String(tag));
    return text.replace(QLatin1String("&lt;"), QLatin1String("<"))
        .replace(QLatin1String("&gt;"), QLatin1String(">"))
        .replace(QLatin1String("&quot;"), QLatin1String("\""))
        .replace(QLatin1String("&amp;"), QLatin1String("&"));
}

QString describeLayerRich(const Shown& shown, const EffectiveSettings& settings) {
    return withSpans(withSpans(marked(shown, settings), "batch", colors().batchText), "running", colors().runningText);
}

}  // namespace bnstudio
