// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/input_file.h"

#include "core/error.h"
#include "core/io/text_encoding.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bnstudio {

namespace {

std::string systemReason() {
    return std::generic_category().message(errno);
}

[[noreturn]] void refuseToRead(const std::string& label, const std::string& reason) {
    throw Error(ErrorCode::Io, label + ": " + reason);
}

std::uint64_t regularFileSize(int descriptor, const std::string& label) {
    struct stat status {};
    if (fstat(descriptor, &status) != 0) {
        refuseToRead(label, "cannot be read: " + systemReason());
    }
    if (S_ISDIR(status.st_mode)) {
        refuseToRead(label, "is a folder, expected a file");
    }
    if (!S_ISREG(status.st_mode)) {
        refuseToRead(label, "is a device or a pipe, expected a regular file");
    }
    return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

void refuse(const std::string& where, const std::string& reason) {
    throw Error(ErrorCode::BadInput, where + ": " + reason);
}

std::string printable(std::string_view text, std::size_t limit) {
    const bool keepsUtf8 = isUtf8(text);
    if (text.size() > limit) {
        // Not in the middle of a character.
        while (keepsUtf8 && limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80)
            --limit;
        return printable(text.substr(0, limit), limit) + "...";
    }
    std::string clean;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        clean += byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !keepsUtf8) ? '?' : c;
    }
    return clean;
}

std::string inQuotes(std::string_view text) {
    std::string result(1, '"');
    result += printable(text);
    result += '"';
    return result;
}

std::string pathLabel(const std::filesystem::path& path) {
    std::string label = path.string();
    for (char& c : label) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            c = '?';
        }
    }
    return label;
}

InputFile::InputFile(const std::filesystem::path& path) : m_label(pathLabel(path)) {
    // O_NONBLOCK keeps a named pipe from waiting for a writer; regular files ignore it.
    m_descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (m_descriptor < 0) {
        refuseToRead(m_label, errno == ENOENT ? "there is no such file" : "cannot be read: " + systemReason());
    }
    try {
        m_size = regularFileSize(m_descriptor, m_label);
        if (m_size == 0) {
            refuse(m_label, "the file is empty (0 bytes)");
        }
    } catch (...) {
        close(m_descriptor);
        throw;
    }
}

InputFile::~InputFile() {
    close(m_descriptor);
}

void InputFile::expectSameSize() const {
    const std::uint64_t sizeNow = regularFileSize(m_descriptor, m_label);
    if (sizeNow != m_size) {
        refuse(m_label, "has changed its size since it was opened, from " + std::to_string(m_size) + " to "
                            + std::to_string(sizeNow) + " bytes");
    }
}

void InputFile::readAt(std::uint64_t offset, std::span<std::byte> out) const {
    if (offset > m_size || out.size() > m_size - offset) {
        refuse(m_label, "ends at byte " + std::to_string(m_size) + ", expected " + std::to_string(out.size())
                            + " more bytes at byte " + std::to_string(offset));
    }
    expectSameSize();
    std::size_t done = 0;
    while (done < out.size()) {
        const ssize_t got =
            pread(m_descriptor, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
        if (got > 0) {
            done += static_cast<std::size_t>(got);
        } else if (got == 0) {
            refuse(m_label, "has become shorter while it was read: byte " + std::to_string(offset + done)
                                + " is gone, expected " + std::to_string(m_size) + " bytes");
        } else if (errno != EINTR) {
            refuseToRead(m_label, "cannot be read: " + systemReason());
        }
    }
}

}  // namespace bnstudio
