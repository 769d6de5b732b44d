// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/figure.h"

#include "core/error.h"
#include "ui/flow/flow_figure.h"
#include "ui/plots/distribution_chart.h"
#include "ui/plots/heat_chart.h"
#include "ui/plots/plot_export.h"
#include "ui/plots/profile_chart.h"
#include "ui/plots/step_contents.h"

#include <QRegularExpression>

#include <algorithm>
#include <cmath>
#include <limits>

namespace bnstudio {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("Figure", text);
}

// A plot area smaller than this shows nothing, and the text around it meets.
constexpr double leastAreaMm = 8;

// A plot with the charts of one figure, laid out in a column with a header above each.
class FigurePlot {
public:
    explicit FigurePlot(const FigureRequest& request) : m_request(request), m_palette(Theme::paletteOf(false)) {
        m_plot.plotLayout()->clear();
        m_plot.plotLayout()->setRowSpacing(2);
        m_plot.setBackground(Qt::white);
        m_style = {m_palette, Theme::instance().textFont(), true};
        m_style.font.setPointSizeF(request.fontPoints);
        m_size = (request.sizeMm * pixelsPerMm()).toSize();
        m_plot.setGeometry(QRect(QPoint(0, 0), m_size));
        m_plot.setViewport(QRect(QPoint(0, 0), m_size));
    }

    void build() {
        switch (m_request.kind) {
        case FigureKind::Running:
            buildRunning();
            break;
        case FigureKind::Profile:
            buildProfile();
            break;
        case FigureKind::Distributions:
            buildDistributions();
            break;
        case FigureKind::Channels:
            buildChannels();
            break;
        case FigureKind::Flow:  // is no plot
            break;
        }
    }

    bool write(const QString& path) {
        PictureFile file = PictureFile::ofSize(path, m_size, m_request.pngDpi / (pixelsPerMm() * 25.4));
        file.sizeMm = m_request.sizeMm;
        file.title = m_title;
        const std::int64_t channel = m_request.channels.empty() ? 0 : m_request.channels.front();
        file.origin = {m_request.recipe, m_request.step, std::max(m_request.step + 1, m_request.series.length()),
                       channel};
        return writePicture(file, drawingOf(m_plot));
    }

private:
    template <class ChartType>
    ChartType& addChart() {
        auto* rect = new QCPAxisRect(&m_plot);
        // Tick labels and lines of a new rect start on the layers that a plot's own rect has.
        for (QCPAxis* axis : rect->axes()) {
            axis->setLayer(QStringLiteral("axes"));
            axis->grid()->setLayer(QStringLiteral("grid"));
        }
        const int least = qRound(leastAreaMm * pixelsPerMm());
        // Two and a half lines, so that the labels of large text keep apart.
        rect->setMinimumSize(least, std::max(least, 5 * QFontMetrics(m_style.font).height() / 2));
        m_plot.plotLayout()->addElement(m_plot.plotLayout()->rowCount(), 0, rect);
        auto chart = std::make_unique<ChartType>(m_plot, *rect);
        ChartType& added = *chart;
        added.setStyle(m_style);
        m_charts.push_back(std::move(chart));
        return added;
    }

    void addHeader(Chart& chart, const QString& title) {
        auto* header = new FigureHeader(m_plot, title, chart.legend(), m_palette, m_style.font);
        auto& layout = *m_plot.plotLayout();
        int row = 0;
        while (layout.element(row, 0) != &chart.rect())
            ++row;
        layout.insertRow(row);
        layout.addElement(row, 0, header);
        if (m_title.isEmpty())
            m_title = title;
    }

    // Positions must be known before lines are decimated to them; an update afterwards uses the pixels there are.
    void layOut() {
        updateLayout();
        updateLayout();  // margins follow the labels of the first round
        if (!fits())
            throw Error(ErrorCode::Usage, "--figure-size: a figure of " + sizeText(m_request.sizeMm) + " with text of "
                                              + number(m_request.fontPoints) + " points needs at least "
                                              + sizeText(leastSizeMm()));
    }

    void updateLayout() {
        m_plot.replot(QCustomPlot::rpImmediateRefresh);
        for (const auto& chart : m_charts)
            chart->update();
    }

    static std::string number(double value) { return QString::number(value, 'g', 4).toStdString(); }
    static std::string sizeText(QSizeF mm) { return number(mm.width()) + "x" + number(mm.height()) + "mm"; }

    /// Room for the text and for a plot area of the least size in each chart. A layout that has less overlaps.
    QSize neededSize() const { return m_plot.plotLayout()->minimumOuterSizeHint(); }
    bool fits() const {
        const QSize needed = neededSize(), present = m_plot.viewport().size();
        return needed.width() <= present.width() && needed.height() <= present.height();
    }

    /// Where there is more room there may be more text (names of axes, a digit more in a label), so the size that is
    /// needed is tried until it stays. In whole millimetres.
    QSizeF leastSizeMm() {
        constexpr int mostRounds = 16;
        QSizeF mm = m_request.sizeMm;
        for (int round = 0; round < mostRounds && !fits(); ++round) {
            const QSizeF needed = QSizeF(neededSize()) / pixelsPerMm();
            mm = {std::max(mm.width(), std::ceil(needed.width())), std::max(mm.height(), std::ceil(needed.height()))};
            m_plot.setViewport(QRect(QPoint(0, 0), (mm * pixelsPerMm()).toSize()));
            updateLayout();
            updateLayout();
        }
        return mm;
    }

    void checkChannels(std::int64_t count) const {
        if (m_request.channels.empty())
            throw Error(ErrorCode::Usage, "a figure needs at least one channel");
        for (const std::int64_t channel : m_request.channels)
            if (channel < 0 || channel >= count)
                throw Error(ErrorCode::Usage, "channel " + std::to_string(channel) + " does not exist: the run has "
                                                  + std::to_string(count) + " channels, numbered from 0");
    }

    void checkSteps() const {
        if (m_request.series.length() == 0)
            throw Error(ErrorCode::Usage, "there is nothing to draw: the run has no step");
    }

    StepSource stepSource() const {
        StepSource source;
        source.series = m_request.series;
        source.channels = m_request.channels;
        source.current = m_request.channels.front();
        source.events = stepsWithEvents(m_request.recipe);
        return source;
    }

    void buildRunning() {
        checkSteps();
        checkChannels(m_request.series.channels());
        QString names;
        for (const std::int64_t channel : m_request.channels)
            names += (names.isEmpty() ? QString() : QStringLiteral(", ")) + QString::number(channel);
        const QString channels = (m_request.channels.size() == 1 ? tr("channel %1") : tr("channels %1")).arg(names);
        auto* group = new QCPMarginGroup(&m_plot);
        for (const Quantity quantity : {Quantity::RunningMean, Quantity::RunningVar}) {
            StepSource source = stepSource();
            source.logScale = quantity == Quantity::RunningVar;
            auto& chart = addChart<StepChart>();
            chart.setContent(runningContent(source, quantity, m_palette));
            chart.hidePlayhead();
            chart.rect().setMarginGroup(QCP::MarginSides(QCP::msLeft) | QCP::msRight, group);
            addHeader(chart, chart.content().yLabel + QStringLiteral(", ") + channels);
            chart.update();
        }
        layOut();
    }

    void buildProfile() {
        ProfileContent content =
            profileContent(m_request.lane.get(), m_request.lane ? m_request.lane->after.get() : nullptr);
        if (content.channels == 0)
            throw Error(ErrorCode::Usage,
                        "there is nothing to draw: the step has neither batch nor running statistics");
        auto* group = new QCPMarginGroup(&m_plot);
        for (const bool variance : {false, true}) {
            content.variance = content.logScale = variance;
            auto& chart = addChart<ProfileChart>();
            chart.setContent(content);
            chart.rect().setMarginGroup(QCP::MarginSides(QCP::msLeft) | QCP::msRight, group);
            addHeader(chart, (variance ? tr("Variance, step %1") : tr("Mean, step %1")).arg(m_request.step));
            chart.update();
        }
        layOut();
    }

    void buildDistributions() {
        const Distributions* given = m_request.distributions ? &*m_request.distributions : nullptr;
        const DistributionContent content = distributionContent(given, m_request.lane.get());
        if (!content.hasData)
            throw Error(ErrorCode::Usage, "there is nothing to draw: " + content.emptyText.toStdString());
        auto& chart = addChart<DistributionChart>();
        chart.setContent(content);
        addHeader(chart,
                  tr("Distributions, channel %1, step %2").arg(content.distributions.channel).arg(m_request.step));
        chart.update();
        layOut();
    }

    void buildChannels() {
        checkSteps();
        auto& chart = addChart<HeatChart>();
        HeatContent content;
        content.series = m_request.series;
        content.before = runningBefore(m_request.recipe);
        content.events = stepsWithEvents(m_request.recipe);
        content.hasPlayhead = false;
        chart.setContent(std::move(content), false);
        chart.setStyle(m_style);
        addHeader(chart, tr("All channels × steps"));
        chart.update();
        layOut();
        chart.proceed(std::numeric_limits<std::int64_t>::max());
    }

    const FigureRequest& m_request;
    Palette m_palette;
    ChartStyle m_style;
    QCustomPlot m_plot;
    QSize m_size;
    QString m_title;
    std::vector<std::unique_ptr<Chart>> m_charts;
};

}  // namespace

std::optional<FigureKind> figureKindFromName(const QString& name) {
    if (name == u"running")
        return FigureKind::Running;
    if (name == u"profile")
        return FigureKind::Profile;
    if (name == u"distributions")
        return FigureKind::Distributions;
    if (name == u"channels")
        return FigureKind::Channels;
    if (name == u"flow")
        return FigureKind::Flow;
    return std::nullopt;
}

QSizeF figureSizeFromText(const QString& text) {
    static const QRegularExpression form(QStringLiteral("^(\\d+(?:\\.\\d+)?)x(\\d+(?:\\.\\d+)?)(mm|in|px)?$"));
    const auto match = form.match(text.trimmed());
    const QString unit = match.captured(3);
    const double factor = unit == u"mm" ? 1 : unit == u"in" ? 25.4 : 25.4 / 96;
    const QSizeF size(match.captured(1).toDouble() * factor, match.captured(2).toDouble() * factor);
    constexpr double least = 10, most = 2000;
    const bool fits = std::min(size.width(), size.height()) >= least && std::max(size.width(), size.height()) <= most;
    if (!match.hasMatch() || !fits)
        throw Error(ErrorCode::Usage,
                    "a figure's size should be WIDTHxHEIGHT with mm, in or px, from 10 to 2000 mm, such as "
                    "85x60mm, not \""
                        + text.toStdString() + "\"");
    return size;
}

bool saveFigure(const FigureRequest& request, const QString& path) {
    requirePictureName(path);
    if (request.kind == FigureKind::Flow)
        return saveFlowFigure(request, path);
    FigurePlot figure(request);
    figure.build();
    return figure.write(path);
}

}  // namespace bnstudio
