// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/bytes_as_file.h"

#include "core/error.h"
#include "core/io/crc32.h"
#include "core/io/zip_directory.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <sys/mman.h>
#include <unistd.h>

namespace bnstudio::fuzz {

namespace {

constexpr std::int64_t maxElements = 100'000;  // read of one tensor; more of the same finds nothing new

class MemoryBytes : public ByteSource {
public:
    explicit MemoryBytes(Bytes bytes) : m_bytes(bytes) {}
    std::uint64_t size() const override { return m_bytes.size(); }
    void readAt(std::uint64_t offset, std::span<std::byte> out) const override {
        if (offset > size() || out.size() > size() - offset)
            refuse("input", "ends early");
        std::copy_n(m_bytes.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    }

private:
    Bytes m_bytes;
};

template <class T>
void put(std::string& out, T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
}

struct Entry {
    const Member* member;
    std::uint32_t checksum, size, offset;
};

/// What the local and the central header have in common, from the version on (APPNOTE.TXT 4.3.7, 4.3.12).
void putHeader(std::string& out, const Entry& entry) {
    put(out, std::uint16_t{20});
    put(out, std::uint64_t{0});  // flags, method "stored", time, date
    put(out, entry.checksum);
    put(out, entry.size);
    put(out, entry.size);
    put(out, static_cast<std::uint16_t>(entry.member->name.size()));
    put(out, std::uint16_t{0});
}

}  // namespace

BytesAsFile::BytesAsFile(Bytes bytes) : m_descriptor(memfd_create("input", MFD_CLOEXEC)) {
    require(m_descriptor >= 0, "memfd_create");
    require(write(m_descriptor, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "write");
}

BytesAsFile::~BytesAsFile() {
    close(m_descriptor);
}

std::filesystem::path BytesAsFile::path() const {
    return "/proc/self/fd/" + std::to_string(m_descriptor);
}

void openAndRead(Bytes bytes, const std::function<TensorFile(const std::filesystem::path&)>& open) {
    const BytesAsFile memory(bytes);
    try {
        const TensorFile file = open(memory.path());
        for (const auto& tensor : file.tensors) {
            const Dims& shape = tensor->shape();
            const std::int64_t rows = shape.empty() ? 1 : shape[0];
            const std::int64_t perRow = checkedElementCount({shape.begin() + (shape.empty() ? 0 : 1), shape.end()}, 8);
            const std::int64_t count = perRow == 0 ? rows : std::min(rows, maxElements / perRow);
            Tensor values;
            tensor->readRows(rows - count, count, values);
            require(values.dtype() == tensor->dtype(), "the dtype of the values");
            require(perRow == 0 || values.size() == count * perRow, "the number of values");
            for (std::int64_t i = 0; i < values.size(); ++i)
                (void)values.at(i);
        }
    } catch (const Error& error) {
        const std::string message = error.what();
        require(!message.empty() && message.find('\n') == std::string::npos && message.size() < 2000, "one sentence");
    }
}

void require(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "broken: %s\n", what);
        std::abort();
    }
}

std::string zipOf(const std::vector<Member>& members) {
    std::string archive, directory;
    for (const Member& member : members) {
        const Entry entry{&member, crc32(0, member.bytes), static_cast<std::uint32_t>(member.bytes.size()),
                          static_cast<std::uint32_t>(archive.size())};
        put(archive, std::uint32_t{0x04034b50});
        putHeader(archive, entry);
        archive += member.name;
        archive.append(reinterpret_cast<const char*>(member.bytes.data()), member.bytes.size());
        put(directory, std::uint32_t{0x02014b50});
        put(directory, std::uint16_t{20});
        putHeader(directory, entry);
        directory.append(10, '\0');  // comment, disk, attributes
        put(directory, entry.offset);
        directory += member.name;
    }
    const auto offset = static_cast<std::uint32_t>(archive.size());
    archive += directory;
    put(archive, std::uint32_t{0x06054b50});
    put(archive, std::uint32_t{0});
    put(archive, static_cast<std::uint16_t>(members.size()));
    put(archive, static_cast<std::uint16_t>(members.size()));
    put(archive, static_cast<std::uint32_t>(directory.size()));
    put(archive, offset);
    put(archive, std::uint16_t{0});
    return archive;
}

std::string zipWithRightChecksums(Bytes archive) {
    try {
        std::vector<Member> members;
        for (const ZipMember& member : readZipDirectory(MemoryBytes(archive), "input"))
            members.push_back({member.name, archive.subspan(static_cast<std::size_t>(member.dataOffset),
                                                            static_cast<std::size_t>(member.storedSize))});
        return zipOf(members);
    } catch (const Error&) {
        return {};
    }
}

}  // namespace bnstudio::fuzz
