// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/step_contents.h"

#include "ui/format.h"
#include "ui/session/recorded_training.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

using Mark = LegendEntry::Mark;

QString tr(const char* text) {
    return QCoreApplication::translate("StepContents", text);
}

// The channels to draw: all that fit, the current one last and so on top.
std::vector<std::int64_t> inPaintingOrder(const StepSource& source) {
    std::vector<std::int64_t> channels;
    for (const std::int64_t channel : source.channels)
        if (channel != source.current && channels.size() + 1 < StepSource::mostLines)
            channels.push_back(channel);
    channels.push_back(source.current);
    return channels;
}

// Several lines of one meaning keep its hue and differ in lightness; the end labels tell which is which.
QColor lineColor(const QColor& base, const Palette& palette, std::size_t index, std::size_t count) {
    if (index + 1 == count)
        return base;
    constexpr double paleness[] = {0.2, 0.42, 0.58};
    return blend(base, palette.panel, paleness[index % 3]);
}

QString keyOf(const StepSource& source, const QString& what) {
    QString key = what + (source.logScale ? QStringLiteral(" log") : QStringLiteral(" lin"));
    for (const std::int64_t channel : source.channels)
        key += u' ' + QString::number(channel);
    return key + u'@' + QString::number(source.current);
}

bool anyFinite(const SeriesView& series, Quantity quantity, std::int64_t channel) {
    if (channel >= series.channels())
        return false;
    // The newest value tells nearly always; the first one covers a layer that lost what it had.
    for (const std::int64_t step : {series.length() - 1, std::int64_t{0}})
        if (step >= 0 && step < series.length() && std::isfinite(series.at(quantity, step, channel)))
            return true;
    return false;
}

StepContent commonContent(const StepSource& source) {
    StepContent content;
    content.series = source.series;
    content.ghost = source.ghost;
    content.recorded = source.recorded;
    content.events = source.events;
    content.logScale = source.logScale;
    return content;
}

}  // namespace

StepSource stepSource(const Session& session, bool logScale) {
    StepSource source;
    source.series = session.series();
    source.ghost = session.ghost();
    source.recorded = session.recorded().series();
    source.channels = session.selectedChannels();
    source.current = session.currentChannel();
    source.events = stepsWithEvents(session.recipe());
    source.logScale = logScale;
    return source;
}

std::vector<std::int64_t> stepsWithEvents(const Recipe& recipe) {
    std::vector<std::int64_t> steps;
    for (const Event& event : recipe.events)
        if (event.lane <= 0 && (steps.empty() || steps.back() != event.step))
            steps.push_back(event.step);
    return steps;
}

StepContent runningContent(const StepSource& source, Quantity quantity, const Palette& palette) {
    const bool isMean = quantity == Quantity::RunningMean;
    const Quantity batch = isMean ? Quantity::BatchMean : Quantity::BatchVarUnbiased;
    const Quantity population = isMean ? Quantity::PopulationMean : Quantity::PopulationVar;
    const std::vector<std::int64_t> channels = inPaintingOrder(source);
    const bool several = channels.size() > 1, allDots = source.showsBatchOfAll || channels.size() <= 4;
    StepContent content = commonContent(source);

    const auto add = [&](PlotRole role, std::int64_t channel, Quantity what, QColor color) -> StepCurve& {
        StepCurve curve;
        curve.role = role;
        curve.channel = channel;
        curve.quantity = what;
        curve.color = color;
        content.curves.push_back(curve);
        return content.curves.back();
    };
    if (source.ghost.length() > 0) {
        StepCurve& ghost = add(PlotRole::Ghost, source.current, quantity, blend(palette.running, palette.panel, 0.6));
        ghost.ghost = ghost.dashed = true;
        ghost.word = tr("before the edit");
    }
    for (std::size_t i = 0; i < channels.size(); ++i)
        if (allDots || i + 1 == channels.size()) {
            StepCurve& dots =
                add(PlotRole::Batch, channels[i], batch, lineColor(palette.batch, palette, i, channels.size()));
            dots.dots = true;
            dots.word = isMean ? tr("batch") : tr("batch ÷(n−1)");
        }
    bool hasPopulation = false;
    for (std::size_t i = 0; i < channels.size(); ++i)
        if ((allDots || i + 1 == channels.size()) && anyFinite(source.series, population, channels[i])) {
            StepCurve& line = add(PlotRole::Population, channels[i], population, palette.population);
            line.dashed = true;
            line.word = tr("population");
            hasPopulation = true;
        }
    for (std::size_t i = 0; i < channels.size(); ++i) {
        StepCurve& line =
            add(PlotRole::Running, channels[i], quantity, lineColor(palette.running, palette, i, channels.size()));
        line.word = tr("running");
        line.emphasised = i + 1 == channels.size();
        line.endLabel = several ? QString::number(channels[i]) : QString();
        line.labelColor = line.emphasised ? palette.runningText : palette.mutedText;
    }
    // On top: where both agree, the dashes stand on the line of the run.
    const bool hasRecorded = source.recorded && std::isfinite(source.recorded->at(quantity, 0, source.current));
    for (std::size_t i = 0; hasRecorded && i < channels.size(); ++i)
        if (allDots || i + 1 == channels.size()) {
            StepCurve& line =
                add(PlotRole::Recorded, channels[i], quantity, lineColor(palette.text, palette, i, channels.size()));
            line.recorded = line.dashed = true;
            line.word = tr("recorded");
        }
    content.legend = {{Mark::Dot, palette.batch, isMean ? tr("batch") : tr("batch ÷(n−1)"), palette.mutedText, false},
                      {Mark::Line, palette.running, tr("running"), palette.mutedText, false}};
    if (hasRecorded)
        content.legend.push_back({Mark::Dashes, palette.text, tr("recorded"), palette.mutedText, false});
    if (hasPopulation)
        content.legend.push_back({Mark::Dashes, palette.population, tr("population"), palette.mutedText, false});
    if (source.ghost.length() > 0)
        content.legend.push_back({Mark::Dashes, blend(palette.running, palette.panel, 0.6), tr("before the edit"),
                                  palette.mutedText, false});
    content.yLabel = isMean ? QStringLiteral("running_mean") : QStringLiteral("running_var");
    content.emptyText =
        source.series.length() == 0 ? tr("No step has run yet.") : tr("There are no finite values to draw.");
    content.key = keyOf(source, content.yLabel);
    return content;
}

StepContent parameterContent(const StepSource& source, bool gradients, bool affine, bool backward,
                             const Palette& palette) {
    const std::vector<std::int64_t> channels = inPaintingOrder(source);
    StepContent content = commonContent(source);
    struct Kind {
        PlotRole role;
        Quantity quantity;
        const char* word;
        bool dashed;
    };
    const Kind kinds[] = {gradients ? Kind{PlotRole::GradBias, Quantity::GradBias, "grad β", true}
                                    : Kind{PlotRole::Bias, Quantity::Bias, "β", true},
                          gradients ? Kind{PlotRole::GradWeight, Quantity::GradWeight, "grad γ", false}
                                    : Kind{PlotRole::Weight, Quantity::Weight, "γ", false}};
    const QColor second = blend(palette.affine, palette.dark ? Qt::white : Qt::black, 0.3);
    if (source.ghost.length() > 0)
        for (const Kind& kind : kinds) {
            StepCurve ghost;
            ghost.role = PlotRole::Ghost;
            ghost.channel = source.current;
            ghost.quantity = kind.quantity;
            ghost.color = blend(kind.dashed ? second : palette.affine, palette.panel, 0.6);
            ghost.ghost = ghost.dashed = true;
            ghost.word = tr("%1 before the edit").arg(QString::fromUtf8(kind.word));
            content.curves.push_back(ghost);
        }
    for (const Kind& kind : kinds) {
        const QColor base = kind.dashed ? second : palette.affine;
        for (std::size_t i = 0; i < channels.size(); ++i) {
            StepCurve line;
            line.role = kind.role;
            line.channel = channels[i];
            line.quantity = kind.quantity;
            line.color = lineColor(base, palette, i, channels.size());
            line.dashed = kind.dashed;
            line.word = QString::fromUtf8(kind.word);
            line.emphasised = i + 1 == channels.size();
            if (channels.size() > 1)
                line.endLabel =
                    (kind.dashed ? QStringLiteral("β") : QStringLiteral("γ")) + QString::number(channels[i]);
            line.labelColor = line.emphasised ? palette.affineText : palette.mutedText;
            content.curves.push_back(line);
        }
    }
    content.legend = {{Mark::Line, palette.affine, QString::fromUtf8(kinds[1].word), palette.mutedText, false},
                      {Mark::Dashes, second, QString::fromUtf8(kinds[0].word), palette.mutedText, false}};
    if (source.ghost.length() > 0)
        content.legend.push_back(
            {Mark::Dashes, blend(palette.affine, palette.panel, 0.6), tr("before the edit"), palette.mutedText, false});
    content.yLabel = gradients ? tr("gradient") : QStringLiteral("γ, β");
    if (source.series.length() == 0)
        content.emptyText = tr("No step has run yet.");
    else if (!affine)
        content.emptyText = tr("affine is off: the layer has no γ and β.");
    else if (gradients && !backward)
        content.emptyText = tr("No backward pass in this run: there are no gradients.");
    else
        content.emptyText = tr("There are no finite values to draw.");
    content.key = keyOf(source, content.yLabel);
    return content;
}

StepContent lossContent(const StepSource& source, bool hasLoss, std::int64_t shownStep, const Palette& palette) {
    StepContent content = commonContent(source);
    StepCurve line;
    line.role = PlotRole::Loss;
    line.quantity = ScalarQuantity::Loss;
    if (source.ghost.length() > 0) {
        line.ghost = line.dashed = true;
        line.role = PlotRole::Ghost;
        line.color = blend(palette.affine, palette.panel, 0.6);
        line.word = tr("before the edit");
        content.curves.push_back(line);
        line.ghost = line.dashed = false;
        line.role = PlotRole::Loss;
    }
    line.color = palette.affine;
    line.word = tr("loss");
    line.emphasised = true;
    content.curves.push_back(line);
    if (shownStep >= 0 && shownStep < source.series.length()) {
        const double loss = source.series.at(ScalarQuantity::Loss, shownStep);
        if (!std::isnan(loss) || hasLoss)
            content.legend.push_back(
                {Mark::Text, {}, tr("loss %1").arg(formatShort(loss, 3)), palette.affineText, true});
    }
    content.namesChannels = false;
    content.yLabel = tr("loss");
    if (!hasLoss)
        content.emptyText = tr("This run has no loss. Choose one under Training.");
    else
        content.emptyText =
            source.series.length() == 0 ? tr("No step has run yet.") : tr("There are no finite values to draw.");
    content.key = keyOf(source, content.yLabel);
    return content;
}

}  // namespace bnstudio
