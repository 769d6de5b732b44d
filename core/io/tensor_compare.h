// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_file.h"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace bnstudio {

/// How close is equal: |a − b| ≤ atol + rtol·|b|.
struct CompareOptions {
    std::optional<double> rtol, atol;  ///< nothing: those of torch.testing.assert_close for the dtypes
    bool equalNan = false;
};

/// The largest difference of one kind and where it stands.
struct LargestDifference {
    double value = 0;
    std::int64_t at = -1;  ///< flat index in C order; −1 when all values are equal
    double a = 0, b = 0;
};

/// Two tensors of one name, or one that is on a single side.
struct TensorComparison {
    enum class Kind { Same, Close, Different, OtherShape, OnlyA, OnlyB };
    std::string name;
    Kind kind = Kind::Same;  ///< Same: every value equal
    DType dtypeA = DType::Float32, dtypeB = DType::Float32;
    Dims shapeA, shapeB;
    double rtol = 0, atol = 0;
    std::int64_t beyond = 0;        ///< values beyond the tolerance
    std::int64_t firstBeyond = -1;  ///< flat index
    LargestDifference absolute, relative, ulp;
    bool differs() const { return kind == Kind::Different || kind == Kind::OtherShape; }
};

/// Reads both slice by slice. Infinite where only one value is a number; relative to |b|. ULPs count the numbers of the
/// shorter dtype between two values; whole numbers count as they are.
TensorComparison compareTensors(const LazyTensor& a, const LazyTensor& b, const CompareOptions& options,
                                std::stop_token stop = {});
/// Every tensor of two files: the common ones in the order of A, then those of one side alone.
std::vector<TensorComparison> compareFiles(const TensorFile& a, const TensorFile& b, const CompareOptions& options,
                                           const Progress& progress = {}, std::stop_token stop = {});

}  // namespace bnstudio
