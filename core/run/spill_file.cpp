// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/spill_file.h"

#include "core/error.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <system_error>

namespace bnstudio {

namespace {

// A process may have some 65,000 mappings: a few large pieces are mapped, and requests are cut from them.
constexpr std::size_t extentBytes = std::size_t{4} << 20;

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

}  // namespace

/// The file, and what of it is in use.
struct SpillFile::Storage {
    std::mutex mutex;
    std::filesystem::path folder;
    int descriptor = -1;
    std::size_t end = 0;
    std::multimap<std::size_t, std::size_t> freeExtents;  ///< size → offset
    std::shared_ptr<std::byte> current;                   ///< extent that requests are cut from
    std::size_t currentBytes = 0, currentUsed = 0;

    ~Storage() {
        current.reset();
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
    const auto reusable = freeExtents.find(bytes);
    if (reusable != freeExtents.end()) {
        const std::size_t offset = reusable->second;
        freeExtents.erase(reusable);
        return offset;
    }
    if (const int code = ::posix_fallocate(descriptor, static_cast<off_t>(end), static_cast<off_t>(bytes)))
        fail(folder, code);
    end += bytes;
    return end - bytes;
}

SpillFile::SpillFile() : m_storage(std::make_shared<Storage>()) {}
SpillFile::~SpillFile() {
    // The extent in work holds the storage; without this they would keep each other alive.
    std::shared_ptr<std::byte> current;
    const std::lock_guard lock(m_storage->mutex);
    current.swap(m_storage->current);
}

namespace {

std::size_t wholePages(std::size_t bytes) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return (bytes + page - 1) / page * page;
}

}  // namespace

std::shared_ptr<std::byte> SpillFile::allocate(std::size_t bytes) {
    const std::size_t needed = wholePages(bytes);
    std::shared_ptr<std::byte> replaced;  // goes after the lock: its end takes the lock itself
    const std::lock_guard lock(m_storage->mutex);
    Storage& storage = *m_storage;
    if (!storage.current || storage.currentUsed + needed > storage.currentBytes) {
        storage.open();
        const std::size_t size = std::max(needed, extentBytes);
        const std::size_t offset = storage.reserve(size);
        void* address =
            ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, storage.descriptor, static_cast<off_t>(offset));
        if (address == MAP_FAILED) {
            const int code = errno;
            storage.freeExtents.emplace(size, offset);
            fail(storage.folder, code);
        }
        replaced = std::move(storage.current);
        storage.current.reset(static_cast<std::byte*>(address), [owner = m_storage, size, offset](std::byte* extent) {
            ::munmap(extent, size);
            const std::lock_guard ownerLock(owner->mutex);
            owner->freeExtents.emplace(size, offset);
        });
        storage.currentBytes = size;
        storage.currentUsed = 0;
    }
    std::byte* place = storage.current.get() + storage.currentUsed;
    storage.currentUsed += needed;
    std::memset(place, 0, needed);
    return {storage.current, place};
}

}  // namespace bnstudio
