// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/spill_file.h"

#include "core/error.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <system_error>
#include <vector>

namespace bnstudio {

namespace {

std::filesystem::path cacheFolder() {
    const char* cache = std::getenv("XDG_CACHE_HOME");
    const char* home = std::getenv("HOME");
    if (cache != nullptr && *cache == '/')
        return std::filesystem::path(cache) / "bnstudio";
    if (home != nullptr && *home == '/')
        return std::filesystem::path(home) / ".cache" / "bnstudio";
    return std::filesystem::temp_directory_path() / "bnstudio";
}

[[noreturn]] void fail(const std::filesystem::path& where, int code) {
    throw Error(ErrorCode::WriteFailed,
                where.string() + ": no room for the history of the run: " + std::generic_category().message(code));
}

/// What one thread read last. A page of a piece has one place it can be in.
class PageCache {
public:
    static constexpr std::size_t pageBytes = 4096;

    struct Page {
        std::uint64_t piece = 0;  ///< 0: none
        std::size_t number = 0;
        std::array<std::byte, pageBytes> bytes;
    };
    Page& placeOf(std::uint64_t piece, std::size_t number) {
        // Multiples of the golden ratio spread neighbours: pages of one column lie at equal distances.
        const std::uint64_t mixed = (piece * 0x9E3779B97F4A7C15 + number) * 0x9E3779B97F4A7C15;
        return m_pages[mixed >> (64 - pagesBits)];
    }

private:
    static constexpr int pagesBits = 8;
    std::vector<Page> m_pages{std::size_t{1} << pagesBits};
};

std::uint64_t nextId() {
    static std::atomic<std::uint64_t> last = 0;
    return ++last;
}

}  // namespace

/// The file, and what of it is free.
struct SpillFile::Storage {
    std::mutex mutex;
    std::filesystem::path folder;
    int descriptor = -1;  ///< constant once a piece exists
    std::size_t end = 0;
    std::multimap<std::size_t, std::size_t> freeSpace;  ///< size → offset

    ~Storage() {
        if (descriptor >= 0)
            ::close(descriptor);
    }
    void open();
    std::size_t reserve(std::size_t bytes);
};

void SpillFile::Storage::open() {
    if (descriptor >= 0)
        return;
    folder = cacheFolder();
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        fail(folder, error.value());
    std::string name = (folder / "series-XXXXXX").string();
    descriptor = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor < 0)
        fail(folder, errno);
    ::unlink(name.c_str());
}

/// Offset of @p bytes of the file whose blocks exist on the disk.
std::size_t SpillFile::Storage::reserve(std::size_t bytes) {
    const auto reusable = freeSpace.find(bytes);
    if (reusable != freeSpace.end()) {
        const std::size_t offset = reusable->second;
        freeSpace.erase(reusable);
        return offset;
    }
    if (const int code = ::posix_fallocate(descriptor, static_cast<off_t>(end), static_cast<off_t>(bytes)))
        fail(folder, code);
    end += bytes;
    return end - bytes;
}

SpillFile::Piece::Piece(std::shared_ptr<Storage> storage, std::size_t offset, std::size_t bytes)
    : m_storage(std::move(storage)), m_offset(offset), m_bytes(bytes), m_id(nextId()) {}

SpillFile::Piece::~Piece() {
    const std::lock_guard lock(m_storage->mutex);
    m_storage->freeSpace.emplace(m_bytes, m_offset);
}

void SpillFile::Piece::write(std::span<const std::byte> bytes) const {
    assert(bytes.size() <= m_bytes);
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t count = ::pwrite(m_storage->descriptor, bytes.data() + done, bytes.size() - done,
                                       static_cast<off_t>(m_offset + done));
        if (count < 0 && errno != EINTR)
            fail(m_storage->folder, errno);
        done += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
}

bool SpillFile::Piece::read(std::size_t offset, std::span<std::byte> bytes) const {
    if (bytes.size() > PageCache::pageBytes)
        return readFromDisk(offset, bytes);
    thread_local PageCache cache;
    while (!bytes.empty()) {
        const std::size_t number = offset / PageCache::pageBytes, start = number * PageCache::pageBytes;
        PageCache::Page& page = cache.placeOf(m_id, number);
        if (page.piece != m_id || page.number != number) {
            page.piece = 0;
            if (!readFromDisk(start, std::span(page.bytes).first(std::min(PageCache::pageBytes, m_bytes - start))))
                return false;
            page.piece = m_id;
            page.number = number;
        }
        const std::size_t count = std::min(bytes.size(), start + PageCache::pageBytes - offset);
        std::memcpy(bytes.data(), page.bytes.data() + (offset - start), count);
        bytes = bytes.subspan(count);
        offset += count;
    }
    return true;
}

bool SpillFile::Piece::readFromDisk(std::size_t offset, std::span<std::byte> bytes) const {
    assert(offset + bytes.size() <= m_bytes);
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t count = ::pread(m_storage->descriptor, bytes.data() + done, bytes.size() - done,
                                      static_cast<off_t>(m_offset + offset + done));
        if (count == 0 || (count < 0 && errno != EINTR))
            return false;
        done += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    return true;
}

SpillFile::SpillFile() : m_storage(std::make_shared<Storage>()) {}
SpillFile::~SpillFile() = default;

std::shared_ptr<const SpillFile::Piece> SpillFile::reserve(std::size_t bytes) {
    const std::lock_guard lock(m_storage->mutex);
    m_storage->open();
    const std::size_t offset = m_storage->reserve(bytes);
    return std::shared_ptr<const Piece>(new Piece(m_storage, offset, bytes));
}

}  // namespace bnstudio
