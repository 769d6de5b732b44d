// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers behind the charts.
#include "ui/plots/distribution_chart.h"
#include "ui/plots/heat_chart.h"
#include "ui/plots/profile_chart.h"
#include "ui/plots/step_chart.h"

#include <QCoreApplication>

#include <algorithm>
#include <memory>

namespace bnstudio {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("ChartTables", text);
}

QVariant numberAt(const std::vector<double>& values, std::int64_t index) {
    return index < static_cast<std::int64_t>(values.size()) ? QVariant(values[static_cast<std::size_t>(index)])
                                                            : QVariant();
}

/// "running_mean: batch [3]", the channel as PyTorch would index it.
QString curveName(const StepContent& content, const StepCurve& curve) {
    QString name = content.yLabel;
    if (curve.word != name)
        name += QStringLiteral(": ") + curve.word;
    return content.namesChannels ? name + QStringLiteral(" [%1]").arg(curve.channel) : name;
}

double edgeOf(const Histogram& histogram, std::int64_t bin) {
    const auto bins = static_cast<double>(histogram.counts.size());
    return histogram.low + (histogram.high - histogram.low) * static_cast<double>(bin) / bins;
}

}  // namespace

DataTable StepChart::table() const {
    DataTable table;
    table.columns << tr("step");
    std::vector<std::int64_t> lengths;
    for (const StepCurve& curve : m_content.curves) {
        table.columns << curveName(m_content, curve);
        lengths.push_back(lengthOf(curve));
        table.rows = std::max(table.rows, lengths.back());
    }
    table.cell = [content = m_content, lengths](std::int64_t row, int column) -> QVariant {
        if (column == 0)
            return qlonglong{row};
        const auto index = static_cast<std::size_t>(column - 1);
        const StepCurve& curve = content.curves[index];
        if (row >= lengths[index])
            return {};
        const SeriesView& view = curve.ghost ? content.ghost : content.series;
        if (const auto* scalar = std::get_if<ScalarQuantity>(&curve.quantity))
            return view.at(*scalar, row);
        const Quantity quantity = std::get<Quantity>(curve.quantity);
        if (!curve.recorded)
            return view.at(quantity, row, curve.channel);
        return content.recorded->at(quantity, row, curve.channel);
    };
    return table;
}

DataTable ProfileChart::table() const {
    DataTable table;
    table.columns = {tr("channel"),          tr("batch mean"),   tr("batch std ÷n"),
                     tr("batch var ÷(n−1)"), tr("running_mean"), tr("running_var")};
    table.rows = m_content.channels;
    table.cell = [content = m_content](std::int64_t row, int column) -> QVariant {
        const std::vector<double>* const columns[] = {&content.batchMean, &content.batchStd, &content.batchVar,
                                                      &content.runningMean, &content.runningVar};
        return column == 0 ? QVariant(qlonglong{row}) : numberAt(*columns[column - 1], row);
    };
    return table;
}

DataTable DistributionChart::table() const {
    DataTable table;
    const Distributions& shown = m_content.distributions;
    for (const auto& [name, histogram] :
         {std::pair(QStringLiteral("x"), &shown.x), std::pair(QStringLiteral("x̂"), &shown.xhat),
          std::pair(QStringLiteral("y"), &shown.y)}) {
        table.columns << tr("%1 from").arg(name) << tr("%1 up to").arg(name) << tr("values of %1").arg(name);
        table.rows = std::max(table.rows, static_cast<std::int64_t>(histogram->counts.size()));
    }
    if (!m_content.hasData)
        table.rows = 0;
    table.cell = [shown](std::int64_t row, int column) -> QVariant {
        const Histogram* const histograms[] = {&shown.x, &shown.xhat, &shown.y};
        const Histogram& histogram = *histograms[column / 3];
        if (row >= static_cast<std::int64_t>(histogram.counts.size()))
            return {};
        return column % 3 == 2 ? numberAt(histogram.counts, row) : QVariant(edgeOf(histogram, row + column % 3));
    };
    return table;
}

DataTable HeatChart::table() const {
    DataTable table;
    table.columns << tr("step");
    const std::int64_t channels = m_content.series.channels();
    for (std::int64_t channel = 0; channel < channels; ++channel)
        table.columns << QStringLiteral("%1 [%2]").arg(factsOf(m_content.quantity).symbol).arg(channel);
    table.rows = m_content.series.length();
    // One step at a time: its cells are asked for one after the other.
    struct Row {
        std::int64_t step = -1;
        std::vector<double> values;
    };
    auto present = std::make_shared<Row>();
    table.cell = [quantity = m_content.quantity, series = m_content.series, before = m_content.before, channels,
                  present](std::int64_t row, int column) -> QVariant {
        if (column == 0)
            return qlonglong{row};
        if (present->step != row) {
            HeatReader reader(quantity, series, before, row, 1);
            present->step = row;
            present->values.clear();
            for (std::int64_t channel = 0; channel < channels; ++channel)
                present->values.push_back(*reader.read(channel));
        }
        return present->values[static_cast<std::size_t>(column - 1)];
    };
    return table;
}

}  // namespace bnstudio
