// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace bnstudio {

/// What tells whether a file is the one of last time.
struct FileFingerprint {
    std::uint64_t size = 0;
    std::int64_t mtime = 0;  ///< seconds since 1970
    std::string hash;        ///< FNV-1a over the size and 64 evenly spread samples of 4 KiB, 16 hexadecimal digits
};

/// All zero and empty when the file cannot be read.
FileFingerprint fingerprintOf(const std::filesystem::path& path);

}  // namespace bnstudio
