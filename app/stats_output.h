// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/npz_writer.h"
#include "core/run/snapshot.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bnstudio {

/// The numbers of one channel in one step; what the layer or the step does not have is nothing.
struct ChannelStatistics {
    std::optional<double> batchMean, batchVarBiased, batchVarUnbiased;  ///< of the input, whatever the mode
    std::optional<double> runningMean, runningVar;                      ///< after the step
    std::optional<double> weight, bias;                                 ///< that the step used
    std::optional<double> gradWeight, gradBias;
    std::optional<double> outputMean, outputVar;  ///< of y, biased
};
std::vector<ChannelStatistics> channelStatistics(const LaneSnapshot& lane);
/// n = N·L of the lane's input.
std::int64_t valuesPerChannel(const LaneSnapshot& lane);

/// --save-stats: a CSV row per step and channel; with several lanes a leading column "lane".
class StatsOutput {
public:
    StatsOutput(const std::filesystem::path& target, const Recipe& recipe);
    void writeStep(const Snapshot& snapshot);
    void commit() { m_file.commit(); }

private:
    AtomicTextFile m_file;
    std::vector<std::string> m_laneNames;  ///< empty for a single lane
};

/// The statistics of a step as a table for reading.
std::string statsTable(const Snapshot& snapshot, const Recipe& recipe);

}  // namespace bnstudio
