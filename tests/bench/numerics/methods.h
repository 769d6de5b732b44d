// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/tensor.h"

namespace bnstudio::numerics {

/// How far a method is from the true values. NaN where it computed none.
struct Errors {
    double var = 0;  ///< of the biased variance, relative
    double y = 0;    ///< of the worst element, in standard deviations: γ = 1, β = 0, eps = 1e-5
};

/// What the methods did to the same batch of one channel. All but ours compute in the dtype of the batch, one value after
/// the other.
struct Comparison {
    Errors ours;      ///< BatchNorm1d of this project
    Errors twoPass;   ///< mean first, then Σ(x − mean)²
    Errors textbook;  ///< E[x²] − E[x]²
};

/// @p batch is float32 or float64 of shape (N, 1).
Comparison compare(const Tensor& batch);

}  // namespace bnstudio::numerics
