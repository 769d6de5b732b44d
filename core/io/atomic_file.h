// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace bnstudio {

/// A file that is written beside its target under a temporary name and takes the target's place in one step. Destroyed
/// without commit() it leaves nothing behind, and the target is as it was. Every failure is an Error(WriteFailed)
/// "cannot write FILE: reason".
class AtomicFile {
public:
    explicit AtomicFile(const std::filesystem::path& target);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    void write(std::span<const std::byte> bytes);
    void write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }
    void commit();

private:
    [[noreturn]] void fail(const std::string& reason) const;
    void discard() noexcept;
    void writeThrough(std::span<const std::byte> bytes);
    void flush();

    std::filesystem::path m_target;
    std::string m_label;
    std::string m_temporary;
    int m_descriptor = -1;
    std::string m_buffer;
};

}  // namespace bnstudio
