// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/dtype.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bnstudio {

/// dtypes in the training, where a shorter one is recorded as float32; nothing: as in the file.
struct TrainingDTypes {
    std::optional<DType> input, output, state;
};

/// The "meta" of a recorded training: what tensors cannot say. What is not there is nothing.
struct TraceMeta {
    std::optional<double> eps;
    bool hasMomentum = false;        ///< the key is there
    std::optional<double> momentum;  ///< nothing with hasMomentum: None, the cumulative average
    std::string layer;               ///< path of the module, such as "net.1"
    std::string torchVersion;
    std::string autocast;  ///< dtype of the autocast region, such as "float16"; empty: none
    TrainingDTypes dtypes;
    std::vector<std::int64_t> steps;  ///< the numbers k of the recorded steps; empty: not said
};

/// Reads the JSON text. Keys: eps, momentum (null is None), layer or layer_path, torch or torch_version, autocast
/// (false, true, or a dtype), input_dtype, output_dtype, state_dtype, steps; others are left alone. Throws
/// Error(BadInput) that begins with @p where.
TraceMeta parseTraceMeta(const std::string& json, const std::string& where);

/// The text for a trace of our own.
struct WrittenTraceMeta {
    double eps = 1e-5;
    std::optional<double> momentum;
    std::string layer;
    std::vector<std::int64_t> steps;
};
std::string traceMetaText(const WrittenTraceMeta& meta);

}  // namespace bnstudio
