// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/input_file.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bnstudio {

/// One member of a zip archive, as its central directory and its local header agree on it.
struct ZipMember {
    std::string name;
    bool deflated = false;  ///< else stored
    std::uint64_t size = 0;
    std::uint64_t storedSize = 0;  ///< bytes in the archive
    std::uint64_t headerOffset = 0;
    std::uint64_t dataOffset = 0;
};

/// Reads the list of members (zip64 too) and checks what libzip leaves to its callers: that no two members share bytes
/// or a name, that nothing is encrypted, that methods are stored or deflated, and that names stay inside the archive
/// (no "..", no leading "/", no links). Nothing is ever extracted, so such names could do no harm here; they are
/// refused because no program that saves arrays writes them. Throws Error(BadInput) "WHERE: …".
std::vector<ZipMember> readZipDirectory(const ByteSource& source, const std::string& where);

}  // namespace bnstudio
