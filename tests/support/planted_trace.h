// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/trace_step.h"
#include "support/reference.h"

#include <map>
#include <string>

namespace bnstudio::testing {

/// A training with a fault in it, recorded as PyTorch would: sums one after another in single precision, states rounded
/// to it, γ = 1.5 and β = −0.25, standard deviations 0.05, 0.5, 2 and 5.
struct PlantedTrace {
    std::int64_t n = 64, steps = 12;
    float momentum = 0.1f;
    double eps = 1e-5;
    bool recordsOutput = true, recordsGradients = false, recordsBatches = true;

    // The faults.
    bool biased = false, epsOutside = false, late = false, accumulated = false;
    std::int64_t from = 0;      ///< they act from this step on
    float trueMomentum = 0.1f;  ///< the one in force
    bool cumulative = false;
    double trueEps = 1e-5;
    int repeats = 1;
    int unrecorded = 0;  ///< forwards between the steps
    bool evalMode = false;
    std::int64_t parts = 1;
    DType roundedInput = DType::Float64, roundedOutput = DType::Float64, roundedStatistics = DType::Float64;
    float gradientScale = 1;

    /// Writes the recording; meta says momentum and eps as they should be.
    void write(const std::string& path) const;
};

/// The members of an .npz.
using TraceMembers = std::map<std::string, Tensor>;
TraceMembers readMembers(const std::string& path);
void writeMembers(const std::string& path, const TraceMembers& members, const std::string& meta = {});

}  // namespace bnstudio::testing
