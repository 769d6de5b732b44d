// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_file.h"
#include "core/io/zip_directory.h"

#include <memory>
#include <vector>

namespace bnstudio {

class ZipArchive;

/// Whether the members are those of an archive that torch.save or torch.jit.save wrote.
bool isTorchArchive(const std::vector<ZipMember>& members);

/// Reads a .pt file, whose path the caller enters, in the format of PyTorch 1.6 and later, a zip archive of a pickle and of storages. Nothing in the
/// pickle is imported or called. The checksums of the pickle and of all records up to 64 MiB are verified before
/// anything is used; larger records are read in place, batch by batch, and only their size is checked (a compressed one
/// is verified whenever it is inflated). Throws Error(BadInput), or Error(Cancelled).
TensorFile openTorchZip(std::shared_ptr<ZipArchive> archive, const Progress& progress, std::stop_token stop);

}  // namespace bnstudio
