// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/trace_rule.h"

#include <optional>
#include <vector>

namespace bnstudio {

/// A parameter estimated from recorded values: least squares over the channels of a step, the median over the steps (so
/// that one spoiled step does no harm), and least squares once more over the steps near the median.
struct FittedValue {
    double value = 0;  ///< the shortest decimal within the error
    double error = 0;  ///< three standard errors; 0 when the decimal was taken
};
class ParameterFit {
public:
    /// One observation with the slope of the model and its allowed error: y ≈ slope·parameter.
    void add(double slope, double y, double tolerance);
    void endStep();
    std::optional<FittedValue> value() const;

private:
    struct Sums {
        double product = 0, square = 0;
        double estimate() const { return product / square; }
    };
    Sums m_step;
    std::vector<Sums> m_steps;
};

/// What the steps that differ say about momentum and eps.
struct TraceFits {
    ParameterFit momentum;        ///< r' − r = m·(s − r), with the unbiased variance
    ParameterFit momentumBiased;  ///< with the biased one
    ParameterFit eps;             ///< 1/invstd² − var
    ParameterFit epsOutside;      ///< 1/invstd − √var
    ParameterFit gradients;       ///< recorded gradients of γ and β over the expected ones
    void addRunning(const TraceStep& step, StepStatistics& statistics, const StepPast& past);
    /// invstd is γ's part of the slope of y over x.
    void addOutput(const TraceStep& step, StepStatistics& statistics, const StepPast& past, const StepRule& rule);
    void addGradients(const TraceStep& step, StepStatistics& statistics, const StepPast& past, const StepRule& rule);
};

}  // namespace bnstudio
