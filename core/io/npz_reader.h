// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_file.h"

#include <memory>

namespace bnstudio {

class ZipArchive;

/// Reads a .npz archive; the caller enters the path. Every member is read through once, so that its checksum is known to be right before anything
/// is used, but for stored ones of more than 256 MiB, which are noted; @p progress follows the bytes. Members without the suffix ".npy" keep their name as it is; the suffix is
/// stripped from the others. A single text goes to TensorFile::texts. Arrays of a kind that is not read (Python objects,
/// complex numbers, lists of texts) are left out and noted as long as an array of numbers remains. Throws Error(BadInput), or Error(Cancelled).
TensorFile openNpz(const std::shared_ptr<ZipArchive>& archive, const Progress& progress, std::stop_token stop);

}  // namespace bnstudio
