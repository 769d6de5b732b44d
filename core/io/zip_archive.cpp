// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/zip_archive.h"

#include "core/error.h"
#include "core/io/byte_window.h"

#include <algorithm>
#include <utility>

#include <unistd.h>
#include <zip.h>

namespace bnstudio {

namespace {

// A compressed member is held in memory as a whole while it is read, and a few kilobytes may stand for gigabytes. What
// is larger belongs into an uncompressed archive, which is read in place. Deflate cannot do better than 1032 to 1.
constexpr std::uint64_t maxInflatedMember = std::uint64_t{1} << 30;
constexpr std::uint64_t maxInflatedTotal = std::uint64_t{8} << 30;
constexpr std::uint64_t maxDeflateRatio = 1032;
constexpr std::size_t cacheBytes = std::size_t{256} << 20;
constexpr std::size_t blockBytes = std::size_t{1} << 20;

/// An open member, closed again whatever happens.
class MemberStream {
public:
    MemberStream(zip* archive, std::size_t index, std::string label)
        : m_stream(zip_fopen_index(archive, index, 0)), m_label(std::move(label)) {
        if (!m_stream) {
            refuse(m_label, std::string("cannot be read: ") + zip_strerror(archive));
        }
    }
    ~MemberStream() { zip_fclose(m_stream); }
    MemberStream(const MemberStream&) = delete;
    MemberStream& operator=(const MemberStream&) = delete;

    void read(std::span<std::byte> out) {
        while (!out.empty()) {
            const std::size_t got = readSome(out);
            if (got == 0) {
                refuse(m_label, "ends after " + std::to_string(m_offset) + " bytes, " + std::to_string(out.size())
                                    + " fewer than the archive says");
            }
            out = out.subspan(got);
            m_offset += got;
        }
    }
    /// libzip compares checksum and size when it meets the end of the member.
    void expectEnd() {
        std::byte extra[1];
        if (readSome(extra) != 0) {
            refuse(m_label, "inflates to more than the " + std::to_string(m_offset) + " bytes the archive says");
        }
    }

private:
    std::size_t readSome(std::span<std::byte> out) {
        const zip_int64_t got = zip_fread(m_stream, out.data(), out.size());
        if (got < 0) {
            refuse(m_label, "is damaged after byte " + std::to_string(m_offset) + ": " + zip_file_strerror(m_stream));
        }
        return static_cast<std::size_t>(got);
    }

    zip_file_t* m_stream;
    std::string m_label;
    std::uint64_t m_offset = 0;
};

/// A deflated member: inflated when it is first read, and again when it was dropped for others meanwhile.
class InflatedBytes : public ByteSource {
public:
    InflatedBytes(std::shared_ptr<const ZipArchive> archive, std::size_t index)
        : m_archive(std::move(archive)), m_index(index) {}
    std::uint64_t size() const override { return m_archive->members()[m_index].size; }
    void readAt(std::uint64_t offset, std::span<std::byte> out) const override {
        if (offset > size() || out.size() > size() - offset) {
            refuse(m_archive->memberLabel(m_index), "ends at byte " + std::to_string(size()));
        }
        const auto bytes = m_archive->inflated(m_index);
        std::copy_n(bytes->begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    }

private:
    std::shared_ptr<const ZipArchive> m_archive;
    std::size_t m_index;
};

zip* openArchive(const InputFile& file) {
    const int descriptor = dup(file.descriptor());
    int code = 0;
    zip* const archive = descriptor < 0 ? nullptr : zip_fdopen(descriptor, ZIP_CHECKCONS, &code);
    if (!archive) {
        if (descriptor >= 0) {
            close(descriptor);
        }
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        const std::string reason = zip_error_strerror(&error);
        zip_error_fini(&error);
        refuse(file.label(), "is a damaged zip archive: " + reason);
    }
    return archive;
}

}  // namespace

ZipArchive::ZipArchive(const std::filesystem::path& path) : m_file(std::make_shared<const InputFile>(path)) {
    m_members = readZipDirectory(*m_file, label());
    checkSizes();
    m_zip = openArchive(*m_file);
    if (static_cast<std::size_t>(zip_get_num_entries(m_zip, 0)) != m_members.size()) {
        zip_discard(m_zip);
        refuse(label(), "is a damaged zip archive: its members cannot be counted");
    }
}

ZipArchive::~ZipArchive() {
    zip_discard(m_zip);
}

std::string ZipArchive::memberLabel(std::size_t index) const {
    return label() + ": member " + inQuotes(m_members[index].name);
}

void ZipArchive::checkSizes() const {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < m_members.size(); ++i) {
        const ZipMember& member = m_members[i];
        if (!member.deflated) {
            continue;
        }
        if (member.size / maxDeflateRatio > member.storedSize) {
            refuse(memberLabel(i), "is said to inflate from " + std::to_string(member.storedSize) + " to "
                                       + std::to_string(member.size) + " bytes, which deflate cannot do");
        }
        total += std::min(member.size, maxInflatedTotal);
        if (member.size > maxInflatedMember || total > maxInflatedTotal) {
            refuse(memberLabel(i), "is compressed and inflates to " + std::to_string(member.size)
                                       + " bytes; expected at most 1 GiB a member and 8 GiB in all "
                                         "(an uncompressed archive may be larger)");
        }
    }
}

std::vector<std::byte> ZipArchive::verify(std::size_t index, std::size_t headBytes, std::stop_token stop,
                                          const std::function<void(std::size_t)>& consumed) const {
    const std::lock_guard lock(m_mutex);
    MemberStream stream(m_zip, index, memberLabel(index));
    std::vector<std::byte> head;
    std::vector<std::byte> block;
    std::uint64_t left = m_members[index].size;
    while (left > 0) {
        if (stop.stop_requested()) {
            throw Error(ErrorCode::Cancelled, label() + ": reading was cancelled");
        }
        block.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left, blockBytes)));
        stream.read(block);
        if (head.empty()) {
            head.assign(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(std::min(block.size(), headBytes)));
        }
        left -= block.size();
        consumed(block.size());
    }
    stream.expectEnd();
    return head;
}

std::shared_ptr<const ByteSource> ZipArchive::memberSource(std::size_t index) {
    const ZipMember& member = m_members[index];
    if (member.deflated) {
        return std::make_shared<const InflatedBytes>(shared_from_this(), index);
    }
    return std::make_shared<const ByteWindow>(m_file, member.dataOffset, member.size, memberLabel(index));
}

std::shared_ptr<const std::vector<std::byte>> ZipArchive::inflated(std::size_t index) const {
    const std::lock_guard lock(m_mutex);
    m_file->expectSameSize();
    const auto cached =
        std::find_if(m_cache.begin(), m_cache.end(), [index](const Inflated& entry) { return entry.index == index; });
    if (cached != m_cache.end()) {
        std::rotate(m_cache.begin(), cached, cached + 1);
        return m_cache.front().bytes;
    }
    auto bytes = std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(m_members[index].size));
    MemberStream stream(m_zip, index, memberLabel(index));
    stream.read(*bytes);
    stream.expectEnd();
    m_cache.push_front({index, bytes});
    std::size_t total = 0;
    for (const Inflated& entry : m_cache) {
        total += entry.bytes->size();
    }
    while (m_cache.size() > 1 && total > cacheBytes) {
        total -= m_cache.back().bytes->size();
        m_cache.pop_back();
    }
    return bytes;
}

}  // namespace bnstudio
