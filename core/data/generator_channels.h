// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/generator.h"

namespace bnstudio {

/// What the channels of one batch are drawn from: the lists of a spec spread out to C values each, with fan and drift
/// worked in. The second population is empty unless the kind is Mixture.
struct ChannelParameters {
    std::vector<double> location, scale;    ///< of the value; of its logarithm for LogNormal
    std::vector<double> location2, scale2;  ///< Mixture: of the second population
    std::vector<double> shift;              ///< LogNormal: the drift, added after the exponential; else empty
    std::vector<double> centre;             ///< the point outliers move away from: the mean where there is one
};

ChannelParameters channelParameters(const GeneratorSpec& spec, std::int64_t k);

}  // namespace bnstudio
