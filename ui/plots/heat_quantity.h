// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/recipe.h"
#include "core/run/series.h"

#include <QString>

#include <map>
#include <optional>

namespace bnstudio {

/// What the map of all channels × steps shows.
enum class HeatQuantity {
    Surprise,       ///< (batch mean − running mean before) / √(running var before / n)
    VarianceRatio,  ///< log₂(batch var / running var before), both ÷(n−1)
    Weight,
    Bias,
    GradWeight,
    GradBias,
    NonFinite,  ///< how many values are NaN or infinite
};
inline constexpr int heatQuantityCount = 7;

struct HeatQuantityFacts {
    const char* id;  ///< for settings
    QString name;    ///< for a list
    QString symbol;  ///< beside a number
    QString formula;
    bool isSigned = true;
    /// Ends of the colour scale; 0: as far as nearly all values reach.
    double limit = 0;
};
HeatQuantityFacts factsOf(HeatQuantity quantity);

/// In which order the channels stand.
enum class ChannelOrder {
    Index,
    HereFirst,     ///< by |value| at the displayed step, the largest first
    LargestFirst,  ///< by the largest |value| of the run
};

/// Running statistics that hold before a step and are not the ones after the step before it.
struct RunningBefore {
    std::optional<ChannelVector> mean, var;  ///< one value, for every channel, or one a channel; nothing: none
    bool operator==(const RunningBefore&) const = default;
};

/// Where events or the start set the running statistics of lane 0: step → what holds before it.
std::map<std::int64_t, RunningBefore> runningBefore(const Recipe& recipe);

/// Reads a quantity channel by channel, for consecutive steps of a series.
class HeatReader {
public:
    static constexpr std::int64_t mostSteps = 64;
    HeatReader(HeatQuantity quantity, const SeriesView& series, const std::map<std::int64_t, RunningBefore>& before,
               std::int64_t first, std::int64_t count);
    /// Values of steps first … first + count − 1, NaN where there is none; valid until the next call.
    const double* read(std::int64_t channel);

private:
    void readBefore(Quantity quantity, std::int64_t channel, double* out) const;

    HeatQuantity m_quantity;
    const SeriesView& m_series;
    const std::map<std::int64_t, RunningBefore>& m_before;
    std::int64_t m_first, m_count;
    double m_values[mostSteps], m_mean[mostSteps], m_var[mostSteps], m_n[mostSteps];
};

}  // namespace bnstudio
