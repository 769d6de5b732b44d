// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/input_file.h"
#include "core/io/tensor_file.h"
#include "core/io/zip_directory.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

struct zip;

namespace bnstudio {

/// An open zip archive: its members, checked, and their bytes. Nothing is extracted to disk.
class ZipArchive : public std::enable_shared_from_this<ZipArchive> {
public:
    /// Throws Error(BadInput) when the directory is damaged or members are larger than the caps.
    explicit ZipArchive(const std::filesystem::path& path);
    ~ZipArchive();
    ZipArchive(const ZipArchive&) = delete;
    ZipArchive& operator=(const ZipArchive&) = delete;

    const std::vector<ZipMember>& members() const { return m_members; }
    const std::string& label() const { return m_file->label(); }
    std::string memberLabel(std::size_t index) const;

    /// Reads the member through to its end in blocks, so that libzip checks the checksum and the size; returns its
    /// first bytes, up to @p headBytes. @p consumed is told the size of each block.
    std::vector<std::byte> verify(std::size_t index, std::size_t headBytes, std::stop_token stop,
                                  const std::function<void(std::size_t)>& consumed) const;
    /// The member's bytes for reading at any position: straight from the file when stored, inflated into memory on
    /// demand otherwise.
    std::shared_ptr<const ByteSource> memberSource(std::size_t index);
    /// A deflated member as a whole. The newest ones are kept, up to a budget.
    std::shared_ptr<const std::vector<std::byte>> inflated(std::size_t index) const;

private:
    void checkSizes() const;

    std::shared_ptr<const InputFile> m_file;
    std::vector<ZipMember> m_members;
    zip* m_zip = nullptr;
    mutable std::mutex m_mutex;  // guards m_zip, which libzip lets one thread use at a time, and the cache
    struct Inflated {
        std::size_t index;
        std::shared_ptr<const std::vector<std::byte>> bytes;
    };
    mutable std::deque<Inflated> m_cache;  // newest first
};

}  // namespace bnstudio
