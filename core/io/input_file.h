// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace bnstudio {

/// Bytes at positions, for readers that do not care whether these lie in a file or in memory. Safe to read from several
/// threads.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    virtual std::uint64_t size() const = 0;
    /// Fills @p out or throws Error(BadInput): the range lies outside, or the file has changed its size.
    virtual void readAt(std::uint64_t offset, std::span<std::byte> out) const = 0;
};

/// A regular file opened for positioned reads. Files are never mapped: a mapped file that shrinks kills the process,
/// a positioned read merely comes back short.
class InputFile : public ByteSource {
public:
    /// Throws Error(Io) for what is missing, unreadable or no regular file, Error(BadInput) for an empty file.
    explicit InputFile(const std::filesystem::path& path);
    ~InputFile() override;
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;

    std::uint64_t size() const override { return m_size; }
    void readAt(std::uint64_t offset, std::span<std::byte> out) const override;

    /// Throws Error(BadInput) when the file has another size than when it was opened.
    void expectSameSize() const;
    int descriptor() const { return m_descriptor; }
    /// The path as given, fit for the start of an error message.
    const std::string& label() const { return m_label; }

private:
    std::string m_label;
    int m_descriptor = -1;
    std::uint64_t m_size = 0;
};

/// Throws Error(BadInput) with the message "WHERE: REASON". @p where starts with the file name.
[[noreturn]] void refuse(const std::string& where, const std::string& reason);
/// Text of a file made fit for one line of a message: control characters become '?', and it is cut at @p limit bytes.
std::string printable(std::string_view text, std::size_t limit = 40);
/// printable() in double quotes.
std::string inQuotes(std::string_view text);
/// The path as given, without control characters.
std::string pathLabel(const std::filesystem::path& path);

}  // namespace bnstudio
