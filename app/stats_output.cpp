// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/stats_output.h"

#include "app/console.h"
#include "app/values.h"
#include "core/run/trace_writer.h"

#include <algorithm>
#include <array>

namespace bnstudio {
namespace {

constexpr std::string_view header =
    "step,channel,mode,n,batch_mean,batch_var_biased,batch_var_unbiased,running_mean,running_var,num_batches_tracked,"
    "weight,bias,grad_weight,grad_bias,y_mean,y_var,error\n";

std::optional<double> valueAt(const std::vector<double>& values, std::size_t channel) {
    return channel < values.size() ? std::optional(values[channel]) : std::nullopt;
}
std::optional<double> valueAt(const std::optional<ChannelVector>& values, std::size_t channel) {
    return values ? valueAt(*values, channel) : std::nullopt;
}

/// Σ(x − mean)²/(n − 1): NaN for a single value, as 0/0 is (semantics 20).
std::optional<double> unbiasedVar(const Moments& batch, std::size_t channel) {
    const auto sum = valueAt(batch.sumSquares, channel);
    return sum ? std::optional(*sum / static_cast<double>(batch.valuesPerChannel - 1)) : std::nullopt;
}

/// A refused batch may have any shape: then the layer's own channels get the rows.
std::size_t rowCount(const LaneSnapshot& lane) {
    if (!lane.forward.mean.empty())
        return lane.forward.mean.size();
    return static_cast<std::size_t>(lane.before->layer.options().numFeatures);
}

/// Quoted as RFC 4180 says where the text needs it.
std::string csvText(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos)
        return std::string(text);
    std::string quoted = "\"";
    for (const char c : text)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + '"';
}

std::string csvRow(const Snapshot& snapshot, const LaneSnapshot& lane, std::size_t channel,
                   const ChannelStatistics& numbers) {
    std::string row = std::to_string(snapshot.step) + ',' + std::to_string(channel) + ','
                      + (lane.before->trainMode ? "train" : "eval") + ',';
    if (!lane.skipped)
        row += std::to_string(valuesPerChannel(lane));
    const auto add = [&row](const std::optional<double>& value) {
        row += ',';
        if (value)
            row += roundTripDecimal(*value);
    };
    add(numbers.batchMean);
    add(numbers.batchVarBiased);
    add(numbers.batchVarUnbiased);
    add(numbers.runningMean);
    add(numbers.runningVar);
    row += ',';
    if (const auto& counter = lane.after->layer.state().numBatchesTracked)
        row += std::to_string(*counter);
    for (const auto& value :
         {numbers.weight, numbers.bias, numbers.gradWeight, numbers.gradBias, numbers.outputMean, numbers.outputVar})
        add(value);
    return row + ',' + csvText(onOneLine(lane.error)) + '\n';
}

using TableRow = std::array<std::string, 10>;

std::string aligned(const std::vector<TableRow>& rows) {
    std::array<std::size_t, std::tuple_size_v<TableRow>> widths{};
    for (const TableRow& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (const TableRow& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            text += std::string(widths[i] - row[i].size() + (i ? 2 : 0), ' ') + row[i];
        text += '\n';
    }
    return text;
}

TableRow tableRow(std::size_t channel, const ChannelStatistics& numbers) {
    const auto shown = [](const std::optional<double>& value) { return value ? roundedDecimal(*value, 6) : "-"; };
    return {std::to_string(channel),         shown(numbers.batchMean),   shown(numbers.batchVarBiased),
            shown(numbers.batchVarUnbiased), shown(numbers.runningMean), shown(numbers.runningVar),
            shown(numbers.weight),           shown(numbers.bias),        shown(numbers.outputMean),
            shown(numbers.outputVar)};
}

std::string laneHeading(const Snapshot& snapshot, const LaneSnapshot& lane, const std::string& name) {
    std::string text = name.empty() ? std::string() : "lane " + name + ", ";
    text += "step " + std::to_string(snapshot.step) + (lane.before->trainMode ? ", train" : ", eval");
    if (lane.skipped)
        return text + ", skipped\n";
    text += ", input " + shapeText(lane.inputShape) + ", n " + std::to_string(valuesPerChannel(lane));
    if (const auto& counter = lane.after->layer.state().numBatchesTracked)
        text += ", num_batches_tracked " + std::to_string(*counter);
    if (lane.loss)
        text += ", loss " + roundedDecimal(*lane.loss, 6);
    if (lane.refused())
        text += ", refused: " + onOneLine(lane.error);
    return text + '\n';
}

}  // namespace

std::int64_t valuesPerChannel(const LaneSnapshot& lane) {
    const Dims& shape = lane.inputShape;
    return shape.size() == 2 || shape.size() == 3 ? BatchShape::of(shape).valuesPerChannel() : 0;
}

std::vector<ChannelStatistics> channelStatistics(const LaneSnapshot& lane) {
    const LayerState& used = lane.before->layer.state();
    const LayerState& after = lane.after->layer.state();
    std::vector<ChannelStatistics> channels(rowCount(lane));
    for (std::size_t c = 0; c < channels.size(); ++c) {
        ChannelStatistics& numbers = channels[c];
        numbers.batchMean = valueAt(lane.batch.mean, c);
        numbers.batchVarBiased = valueAt(lane.batch.var, c);
        numbers.batchVarUnbiased = unbiasedVar(lane.batch, c);
        numbers.runningMean = valueAt(after.runningMean, c);
        numbers.runningVar = valueAt(after.runningVar, c);
        numbers.weight = valueAt(used.weight, c);
        numbers.bias = valueAt(used.bias, c);
        if (lane.backward) {
            numbers.gradWeight = valueAt(lane.backward->gradWeight, c);
            numbers.gradBias = valueAt(lane.backward->gradBias, c);
        }
        numbers.outputMean = valueAt(lane.outputMean, c);
        numbers.outputVar = valueAt(lane.outputVar, c);
    }
    return channels;
}

StatsOutput::StatsOutput(const std::filesystem::path& target, const Recipe& recipe) : m_file(target) {
    if (recipe.lanes.size() > 1)
        m_laneNames = uniqueLaneNames(recipe);
    m_file.write((m_laneNames.empty() ? std::string() : "lane,") + std::string(header));
}

void StatsOutput::writeStep(const Snapshot& snapshot) {
    for (std::size_t i = 0; i < snapshot.lanes.size(); ++i) {
        const LaneSnapshot& lane = *snapshot.lanes[i];
        const std::string first = m_laneNames.empty() ? std::string() : csvText(m_laneNames[i]) + ',';
        const std::vector<ChannelStatistics> channels = channelStatistics(lane);
        for (std::size_t c = 0; c < channels.size(); ++c)
            m_file.write(first + csvRow(snapshot, lane, c, channels[c]));
    }
}

std::string statsTable(const Snapshot& snapshot, const Recipe& recipe) {
    const std::vector<std::string> names = uniqueLaneNames(recipe);
    std::string text;
    for (std::size_t i = 0; i < snapshot.lanes.size(); ++i) {
        const LaneSnapshot& lane = *snapshot.lanes[i];
        text += (i ? "\n" : "") + laneHeading(snapshot, lane, names.size() > 1 ? names[i] : std::string());
        std::vector<TableRow> rows{{"channel", "batch_mean", "batch_var/n", "batch_var/(n-1)", "running_mean",
                                    "running_var", "weight", "bias", "y_mean", "y_var/n"}};
        const std::vector<ChannelStatistics> channels = channelStatistics(lane);
        for (std::size_t c = 0; c < channels.size(); ++c)
            rows.push_back(tableRow(c, channels[c]));
        text += aligned(rows);
    }
    return text;
}

}  // namespace bnstudio
