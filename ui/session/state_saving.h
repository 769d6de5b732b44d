// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/state_dict.h"

#include <QString>

namespace bnstudio {

/// Writes tensors by their keys, each behind @p prefix, as .npz or .safetensors by the name of the file. Throws
/// Error(Usage) for another extension, Error(WriteFailed).
void saveStateDict(const StateDict& dict, const std::string& prefix, const QString& path);

/// running_mean, running_var and num_batches_tracked alone, in the layer's dtype.
StateDict buffersOf(const ChannelVector& mean, const ChannelVector& var, std::int64_t batches, DType dtype);

/// The line of Python that puts the tensors of such a file into a model.
QString loadingLine(const QString& path);

/// What a file dialog offers.
QString stateFileFilter();

}  // namespace bnstudio
