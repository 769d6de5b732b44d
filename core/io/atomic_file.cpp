// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/atomic_file.h"

#include "core/error.h"
#include "core/io/input_file.h"
#include "core/io/npz_writer.h"

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bnstudio {

namespace {

constexpr std::size_t bufferBytes = std::size_t{256} << 10;

std::string systemReason() {
    return std::generic_category().message(errno);
}

/// The permissions of the file that is replaced, else those any new file gets. The mask can only be read by setting it,
/// which would touch other threads; Linux shows it in /proc as well.
mode_t permissionsFor(const std::filesystem::path& target) {
    struct stat status {};
    if (stat(target.c_str(), &status) == 0)
        return status.st_mode & 0777;
    unsigned mask = 022;
    if (std::FILE* const self = std::fopen("/proc/self/status", "re")) {
        char line[256];
        while (std::fgets(line, sizeof line, self))
            if (std::sscanf(line, "Umask: %o", &mask) == 1)
                break;
        std::fclose(self);
    }
    return 0666 & ~static_cast<mode_t>(mask);
}

}  // namespace

AtomicFile::AtomicFile(const std::filesystem::path& target) : m_target(target), m_label(pathLabel(target)) {
    std::error_code ignored;
    if (std::filesystem::is_symlink(m_target, ignored)) {
        // The link stays a link: the file it points to is replaced.
        const std::filesystem::path resolved = std::filesystem::weakly_canonical(m_target, ignored);
        m_target = resolved.empty() ? m_target : resolved;
    }
    const std::filesystem::file_status status = std::filesystem::status(m_target, ignored);
    if (std::filesystem::is_directory(status))
        fail("it is a folder");
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
        fail("it is a device or a pipe, expected a regular file");
    std::string temporaryName(1, '.');
    temporaryName += m_target.filename().string();
    temporaryName += ".XXXXXX";
    m_temporary = (m_target.parent_path() / temporaryName).string();
    m_descriptor = mkostemp(m_temporary.data(), O_CLOEXEC);
    if (m_descriptor < 0) {
        m_temporary.clear();
        fail(systemReason());
    }
    m_buffer.reserve(bufferBytes);
}

AtomicFile::~AtomicFile() {
    discard();
}

void AtomicFile::fail(const std::string& reason) const {
    throw Error(ErrorCode::WriteFailed, "cannot write " + m_label + ": " + reason);
}

void AtomicFile::discard() noexcept {
    if (m_descriptor >= 0)
        close(m_descriptor);
    m_descriptor = -1;
    if (!m_temporary.empty())
        unlink(m_temporary.c_str());
    m_temporary.clear();
}

void AtomicFile::write(std::span<const std::byte> bytes) {
    if (m_buffer.size() + bytes.size() > bufferBytes)
        flush();
    if (bytes.size() > bufferBytes)
        writeThrough(bytes);
    else
        m_buffer.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void AtomicFile::flush() {
    writeThrough(std::as_bytes(std::span(m_buffer.data(), m_buffer.size())));
    m_buffer.clear();
}

void AtomicFile::writeThrough(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(m_descriptor, bytes.data(), bytes.size());
        if (written >= 0)
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        else if (errno != EINTR)
            fail(systemReason());
    }
}

void AtomicFile::commit() {
    flush();
    // Without fsync a power cut after the rename may leave an empty file in the place of a good one.
    if (fchmod(m_descriptor, permissionsFor(m_target)) != 0 || fsync(m_descriptor) != 0)
        fail(systemReason());
    if (close(std::exchange(m_descriptor, -1)) != 0 || std::rename(m_temporary.c_str(), m_target.c_str()) != 0)
        fail(systemReason());
    m_temporary.clear();
}

struct AtomicTextFile::Impl {
    AtomicFile file;
};

AtomicTextFile::AtomicTextFile(std::filesystem::path target) : m_impl(new Impl{AtomicFile(target)}) {}

AtomicTextFile::~AtomicTextFile() = default;

void AtomicTextFile::write(std::string_view text) {
    m_impl->file.write(text);
}

void AtomicTextFile::commit() {
    m_impl->file.commit();
}

}  // namespace bnstudio
