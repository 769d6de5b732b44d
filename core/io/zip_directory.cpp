// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/zip_directory.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <unordered_set>

namespace bnstudio {

namespace {

// Layouts and signatures: PKWARE's APPNOTE.TXT, sections 4.3.7 (local header), 4.3.12 (central directory),
// 4.3.14 to 4.3.16 (ends of the central directory) and 4.5.3 (zip64 extra field).
constexpr std::size_t localHeaderBytes = 30, centralHeaderBytes = 46, endBytes = 22, end64Bytes = 56, locatorBytes = 20;
constexpr std::uint32_t localSignature = 0x04034b50, centralSignature = 0x02014b50, endSignature = 0x06054b50,
                        end64Signature = 0x06064b50, locatorSignature = 0x07064b50;
constexpr std::uint64_t maxDirectoryBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t maxMembers = 200'000;
constexpr std::uint16_t streamedFlag = 1 << 3;                        // sizes and checksum follow the data
constexpr std::uint16_t encryptionFlags = 1 << 0 | 1 << 6 | 1 << 13;  // traditional, strong, masked headers
constexpr std::uint32_t full32 = 0xffffffff;
constexpr std::uint16_t full16 = 0xffff;

template <class T>
T fieldAt(std::span<const std::byte> bytes, std::size_t offset) {
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

struct DirectoryPlace {
    std::uint64_t offset = 0, size = 0, members = 0;
};

std::vector<std::byte> readBytes(const ByteSource& source, std::uint64_t offset, std::uint64_t count) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(count));
    source.readAt(offset, bytes);
    return bytes;
}

/// The end record is the last thing in the file but for a comment of at most 65,535 bytes whose length it gives.
std::uint64_t findEnd(const ByteSource& source, const std::string& where) {
    const std::uint64_t tailBytes = std::min<std::uint64_t>(source.size(), endBytes + full16);
    const std::vector<std::byte> tail = readBytes(source, source.size() - tailBytes, tailBytes);
    for (std::size_t at = tail.size() < endBytes ? 0 : tail.size() - endBytes + 1; at-- > 0;) {
        if (fieldAt<std::uint32_t>(tail, at) == endSignature
            && at + endBytes + fieldAt<std::uint16_t>(tail, at + 20) == tail.size()) {
            return source.size() - tailBytes + at;
        }
    }
    refuse(where, "is a zip archive without its end (no central directory in the last " + std::to_string(tailBytes)
                      + " of " + std::to_string(source.size()) + " bytes); it is truncated or damaged");
}

std::optional<DirectoryPlace> findDirectory64(const ByteSource& source, std::uint64_t end, const std::string& where) {
    if (end < locatorBytes + end64Bytes) {
        return std::nullopt;
    }
    const std::vector<std::byte> locator = readBytes(source, end - locatorBytes, locatorBytes);
    if (fieldAt<std::uint32_t>(locator, 0) != locatorSignature) {
        return std::nullopt;
    }
    const auto offset = fieldAt<std::uint64_t>(locator, 8);
    if (offset > end - locatorBytes - end64Bytes) {
        refuse(where, "the zip64 end of the central directory is said to be at byte " + std::to_string(offset)
                          + ", beyond its locator");
    }
    const std::vector<std::byte> record = readBytes(source, offset, end64Bytes);
    if (fieldAt<std::uint32_t>(record, 0) != end64Signature) {
        refuse(where, "there is no zip64 end of the central directory at byte " + std::to_string(offset));
    }
    return DirectoryPlace{fieldAt<std::uint64_t>(record, 48), fieldAt<std::uint64_t>(record, 40),
                          fieldAt<std::uint64_t>(record, 32)};
}

DirectoryPlace findDirectory(const ByteSource& source, const std::string& where) {
    const std::uint64_t end = findEnd(source, where);
    const std::vector<std::byte> record = readBytes(source, end, endBytes);
    DirectoryPlace place{fieldAt<std::uint32_t>(record, 16), fieldAt<std::uint32_t>(record, 12),
                         fieldAt<std::uint16_t>(record, 10)};
    if (place.offset == full32 || place.size == full32 || place.members == full16) {
        place = findDirectory64(source, end, where).value_or(place);
    }
    if (place.offset > end || place.size > end - place.offset) {
        refuse(where, "the central directory is said to be " + std::to_string(place.size) + " bytes at byte "
                          + std::to_string(place.offset) + ", beyond the end record at byte " + std::to_string(end));
    }
    if (place.size > maxDirectoryBytes || place.members > maxMembers) {
        refuse(where,
               "has " + std::to_string(place.members) + " members, expected at most " + std::to_string(maxMembers));
    }
    return place;
}

std::string memberLabel(const std::string& where, const std::string& name) {
    return where + ": member " + inQuotes(name);
}

/// Replaces the sizes and the offset that did not fit 32 bits by those of the zip64 extra field.
void applyZip64(std::span<const std::byte> extra, ZipMember& member, const std::string& where) {
    std::size_t at = 0;
    while (at + 4 <= extra.size()) {
        const auto id = fieldAt<std::uint16_t>(extra, at);
        const std::size_t length = fieldAt<std::uint16_t>(extra, at + 2);
        at += 4;
        if (length > extra.size() - at) {
            return;
        }
        if (id == 1) {
            const std::span<const std::byte> field = extra.subspan(at, length);
            std::size_t used = 0;
            for (std::uint64_t* const value : {&member.size, &member.storedSize, &member.headerOffset}) {
                if (*value == full32) {
                    if (used + 8 > field.size()) {
                        refuse(memberLabel(where, member.name), "its zip64 field is too short");
                    }
                    *value = fieldAt<std::uint64_t>(field, used);
                    used += 8;
                }
            }
            return;
        }
        at += length;
    }
}

bool leavesTheArchive(std::string_view name) {
    if (!name.empty() && (name[0] == '/' || name[0] == '\\')) {
        return true;
    }
    for (std::size_t begin = 0; begin <= name.size();) {
        const std::size_t end = std::min(name.find_first_of("/\\", begin), name.size());
        if (name.substr(begin, end - begin) == "..") {
            return true;
        }
        begin = end + 1;
    }
    return false;
}

void checkCentralHeader(std::span<const std::byte> header, const ZipMember& member, const std::string& label) {
    constexpr std::uint32_t linkMode = 0xa, modeShift = 28;
    constexpr int unixHost = 3;
    const auto flags = fieldAt<std::uint16_t>(header, 8);
    const auto method = fieldAt<std::uint16_t>(header, 10);
    if (flags & encryptionFlags) {
        refuse(label, "is encrypted, which is not read");
    }
    if (method != 0 && method != 8) {
        refuse(label, "is compressed by zip method " + std::to_string(method) + ", expected stored or deflated");
    }
    if (leavesTheArchive(member.name)) {
        refuse(label, "its name leads out of the archive, expected a plain name");
    }
    if (fieldAt<std::uint16_t>(header, 4) >> 8 == unixHost
        && fieldAt<std::uint32_t>(header, 38) >> modeShift == linkMode) {
        refuse(label, "is a symbolic link, expected a file");
    }
    if (!member.deflated && member.size != member.storedSize) {
        refuse(label, "is stored, yet " + std::to_string(member.storedSize) + " bytes are said to hold "
                          + std::to_string(member.size));
    }
}

/// Finds the data behind the local header, whose name and extra field may be longer than the central directory's.
void locateData(const ByteSource& source, std::uint64_t directoryOffset, std::span<const std::byte> central,
                ZipMember& member, const std::string& label) {
    const std::string place = " at byte " + std::to_string(member.headerOffset);
    if (member.headerOffset > directoryOffset || directoryOffset - member.headerOffset < localHeaderBytes) {
        refuse(label, "its local header is said to be" + place + ", beyond the last member");
    }
    const std::vector<std::byte> local = readBytes(source, member.headerOffset, localHeaderBytes);
    if (fieldAt<std::uint32_t>(local, 0) != localSignature) {
        refuse(label, "there is no local header" + place);
    }
    const std::size_t nameBytes = fieldAt<std::uint16_t>(local, 26);
    member.dataOffset = member.headerOffset + localHeaderBytes + nameBytes + fieldAt<std::uint16_t>(local, 28);
    if (member.dataOffset > directoryOffset || member.storedSize > directoryOffset - member.dataOffset) {
        refuse(label, "its " + std::to_string(member.storedSize) + " bytes at byte " + std::to_string(member.dataOffset)
                          + " reach into the central directory");
    }
    const std::vector<std::byte> name = readBytes(source, member.headerOffset + localHeaderBytes, nameBytes);
    const bool streamed = fieldAt<std::uint16_t>(local, 6) & streamedFlag;
    const bool same = std::string_view(reinterpret_cast<const char*>(name.data()), name.size()) == member.name
                      && !((fieldAt<std::uint16_t>(local, 6) ^ fieldAt<std::uint16_t>(central, 8)) & encryptionFlags)
                      && fieldAt<std::uint16_t>(local, 8) == fieldAt<std::uint16_t>(central, 10)
                      && (streamed || fieldAt<std::uint32_t>(local, 14) == fieldAt<std::uint32_t>(central, 16));
    if (!same) {
        refuse(label, "its local header" + place + " says something else than the central directory");
    }
}

void refuseOverlaps(const std::vector<ZipMember>& members, const std::string& where) {
    std::vector<const ZipMember*> order;
    for (const ZipMember& member : members) {
        order.push_back(&member);
    }
    std::sort(order.begin(), order.end(),
              [](const ZipMember* a, const ZipMember* b) { return a->headerOffset < b->headerOffset; });
    for (std::size_t i = 1; i < order.size(); ++i) {
        if (order[i - 1]->dataOffset + order[i - 1]->storedSize > order[i]->headerOffset) {
            refuse(memberLabel(where, order[i]->name), "shares bytes with the member " + inQuotes(order[i - 1]->name)
                                                           + " from byte " + std::to_string(order[i]->headerOffset)
                                                           + " on");
        }
    }
}

}  // namespace

std::vector<ZipMember> readZipDirectory(const ByteSource& source, const std::string& where) {
    const DirectoryPlace place = findDirectory(source, where);
    const std::vector<std::byte> directory = readBytes(source, place.offset, place.size);
    std::vector<ZipMember> members;
    std::unordered_set<std::string> names;
    std::size_t at = 0;
    while (members.size() < place.members) {
        const std::span<const std::byte> rest = std::span(directory).subspan(at);
        const std::string number = "member number " + std::to_string(members.size() + 1);
        if (rest.size() < centralHeaderBytes || fieldAt<std::uint32_t>(rest, 0) != centralSignature) {
            refuse(where,
                   number + " is missing from the central directory at byte " + std::to_string(place.offset + at));
        }
        const std::size_t nameBytes = fieldAt<std::uint16_t>(rest, 28);
        const std::size_t extraBytes = fieldAt<std::uint16_t>(rest, 30);
        const std::size_t entryBytes = centralHeaderBytes + nameBytes + extraBytes + fieldAt<std::uint16_t>(rest, 32);
        if (entryBytes > rest.size()) {
            refuse(where,
                   number + " runs past the end of the central directory at byte " + std::to_string(place.offset + at));
        }
        ZipMember member;
        member.name.assign(reinterpret_cast<const char*>(rest.data()) + centralHeaderBytes, nameBytes);
        member.deflated = fieldAt<std::uint16_t>(rest, 10) == 8;
        member.storedSize = fieldAt<std::uint32_t>(rest, 20);
        member.size = fieldAt<std::uint32_t>(rest, 24);
        member.headerOffset = fieldAt<std::uint32_t>(rest, 42);
        applyZip64(rest.subspan(centralHeaderBytes + nameBytes, extraBytes), member, where);
        const std::string label = memberLabel(where, member.name);
        checkCentralHeader(rest, member, label);
        locateData(source, place.offset, rest, member, label);
        if (!names.insert(member.name).second) {
            refuse(label, "is there twice, expected one of each name");
        }
        members.push_back(std::move(member));
        at += entryBytes;
    }
    if (at != directory.size()) {
        refuse(where,
               "the central directory has " + std::to_string(directory.size() - at) + " bytes after its last member");
    }
    refuseOverlaps(members, where);
    return members;
}

}  // namespace bnstudio
