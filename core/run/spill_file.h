// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace bnstudio {

/// An unlinked file in the cache folder, ${XDG_CACHE_HOME:-~/.cache}/bnstudio, for what should not stay in main memory.
/// It is read and written, never mapped: pages of a mapping that were looked at once count as memory of the process.
class SpillFile {
    struct Storage;

public:
    /// Space of the file that is given back when the piece goes, on any thread. The file lives as long as its pieces.
    class Piece {
    public:
        ~Piece();
        /// Fills the piece from its start, once, before anything is read. Throws Error(WriteFailed).
        void write(std::span<const std::byte> bytes) const;
        /// Reads what was written at @p offset; false when the disk fails. Every thread keeps the pages it read last, a
        /// megabyte of them: charts read series value by value and over again.
        bool read(std::size_t offset, std::span<std::byte> bytes) const;

    private:
        friend class SpillFile;
        Piece(std::shared_ptr<Storage> storage, std::size_t offset, std::size_t bytes);
        bool readFromDisk(std::size_t offset, std::span<std::byte> bytes) const;

        std::shared_ptr<Storage> m_storage;
        std::size_t m_offset, m_bytes;
        std::uint64_t m_id;  ///< of no other piece of this process, before or after
    };

    SpillFile();
    ~SpillFile();
    /// Space that exists on the disk: writing into it does not fail for want of room. Throws Error(WriteFailed) when
    /// the folder or the space is not to be had.
    std::shared_ptr<const Piece> reserve(std::size_t bytes);

private:
    std::shared_ptr<Storage> m_storage;
};

}  // namespace bnstudio
