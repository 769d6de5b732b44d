// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>

namespace bnstudio {

/// Memory in an unlinked file of the cache folder, ${XDG_CACHE_HOME:-~/.cache}/bnstudio, for what should not stay in
/// main memory. The file belongs to this process alone: nobody else can shrink it under the mapping, and its space is
/// reserved before it is used.
class SpillFile {
public:
    SpillFile();
    ~SpillFile();
    /// A piece of memory filled with zeros, aligned to a page; given back when the last owner goes, from any thread.
    /// Throws Error(WriteFailed) when the folder or the space is not to be had.
    std::shared_ptr<std::byte> allocate(std::size_t bytes);

private:
    struct Storage;
    std::shared_ptr<Storage> m_storage;
};

}  // namespace bnstudio
