// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_file.h"

#include <string_view>

namespace bnstudio {

/// Whether a file that starts with these bytes is a pickle of protocol 2 to 5.
bool startsLikePickle(std::string_view start);

/// Opens a .pt file as PyTorch before 1.6 wrote it: five pickles (magic number, version, system, object, keys), then
/// the storages. Nothing in the pickles is imported or called. There are no checksums; sizes are checked. Says what to
/// do about the tar archives of PyTorch before 0.1.10. Throws Error(BadInput).
TensorFile openTorchLegacy(const std::filesystem::path& path);

}  // namespace bnstudio
