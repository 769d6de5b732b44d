// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <cstdint>
#include <filesystem>

namespace bnstudio::testing {

/// Writes @p head, a hole of @p zeros bytes that takes no space on disk, and @p tail. False when the file system
/// refuses files of that size or would not keep the hole.
bool writeSparseFile(const std::filesystem::path& path, const QByteArray& head, std::int64_t zeros,
                     const QByteArray& tail = {});

/// A .npy file of float32 zeros of this shape, sparse.
bool writeSparseNpy(const std::filesystem::path& path, std::int64_t rows, std::int64_t columns);
/// A .safetensors file with the one tensor "x".
bool writeSparseSafetensors(const std::filesystem::path& path, std::int64_t rows, std::int64_t columns);
/// A .npz archive with the one stored member "x.npy", of less than 4 GiB. Its checksum is wrong.
bool writeSparseNpz(const std::filesystem::path& path, std::int64_t rows, std::int64_t columns);

}  // namespace bnstudio::testing
