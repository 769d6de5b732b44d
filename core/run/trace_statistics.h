// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/tensor.h"

#include <cstdint>
#include <vector>

namespace bnstudio {

/// Unit roundoff: half a unit in the last place of 1.
double unitRoundoff(DType dtype);
/// The nearest value of Float16 or BFloat16 (ties to even); other dtypes leave the value alone.
double roundToStored(DType dtype, double value);

/// Mean and biased variance of a batch, a value a channel, and how far PyTorch's own may lie from them.
///
/// PyTorch on a CPU adds up in the dtype of the batch, other backends in another order. For terms whose roundings are
/// independent the error of a sum of n terms grows as √n·u·|sum| instead of the bound n·u·|sum| (Higham and Mary 2019);
/// on average it is a quarter of that. Roundings are not independent where a channel holds few different values, all of
/// one sign: then they drift. So the same sum is also formed as plainly as possible, one value after another in the
/// dtype of the batch, and twice its error is allowed on top.
struct BatchStatistics {
    std::int64_t n = 0;  ///< values a channel
    std::vector<double> mean, meanLow, var;
    std::vector<double> meanTolerance, varTolerance;
};
/// @p batch has rank 2 or 3 and a layer dtype.
BatchStatistics batchStatistics(const Tensor& batch);
/// For recordings without batches: the recorded statistics, with the error they were recorded with.
BatchStatistics recordedStatistics(std::vector<double> mean, std::vector<double> var, std::int64_t n, DType dtype);
/// Allows for a mean that is rounded once more, to unit roundoff @p u, and for a variance that is rounded twice: PyTorch
/// rounds the sum of squares before it divides by n or n − 1.
void addRounding(double u, BatchStatistics& statistics);

/// Allowed error of a sum of @p n terms with that total and root mean square, in PyTorch's arithmetic.
double sumTolerance(DType dtype, std::int64_t n, double sum, double rms);

}  // namespace bnstudio
