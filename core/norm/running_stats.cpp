// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/running_stats.h"

#include "core/norm/kernels/kernel_table.h"

namespace bnstudio {

void updateRunningMean(ChannelVector& running, const ForwardRecord& record, DType dtype) {
    kernels().blend(static_cast<std::int64_t>(running.size()), running.data(), record.factor, record.mean.data(),
                    dtype == DType::Float64 ? record.meanLow.data() : nullptr, 1.0, dtype == DType::Float32);
}

void updateRunningVar(ChannelVector& running, const std::vector<double>& sumSquares, const ForwardRecord& record,
                      DType dtype) {
    const double degreesOfFreedom = static_cast<double>(record.valuesPerChannel - 1);
    kernels().blend(static_cast<std::int64_t>(running.size()), running.data(), record.factor, sumSquares.data(),
                    nullptr, degreesOfFreedom, dtype == DType::Float32);
}

}  // namespace bnstudio
