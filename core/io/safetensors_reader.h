// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_file.h"

#include <string_view>

namespace bnstudio {

/// Opens a .safetensors file. Tensors come in the order of their data and are read on demand with positioned reads.
/// Those of a dtype that is not read (float8 and smaller, complex) are left out and noted, as long as one remains.
/// Throws Error(BadInput), or Error(Cancelled).
TensorFile openSafetensors(const std::filesystem::path& path, const Progress& progress, std::stop_token stop);

/// Whether the beginning of a file of unknown kind is that of a safetensors file of @p fileSize bytes.
bool startsLikeSafetensors(std::string_view start, std::uint64_t fileSize);

}  // namespace bnstudio
