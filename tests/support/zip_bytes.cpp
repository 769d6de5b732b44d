// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/zip_bytes.h"

#include "core/io/crc32.h"

namespace bnstudio {

namespace {

QByteArray field(std::uint64_t value, int bytes) {
    QByteArray result;
    for (int i = 0; i < bytes; ++i)
        result += static_cast<char>(value >> (8 * i));
    return result;
}

std::uint32_t checksumOf(const QByteArray& data) {
    return crc32(0, std::as_bytes(std::span(data.constData(), static_cast<std::size_t>(data.size()))));
}

/// The fields that local and central headers share, from the version needed to the length of the extra field.
QByteArray commonFields(const ZipEntry& entry, const QByteArray& name, const QByteArray& extra) {
    const std::uint64_t packed = static_cast<std::uint64_t>(entry.data.size());
    const std::uint64_t full = 0xffffffff;
    return field(20, 2) + field(entry.flags, 2) + field(entry.method, 2) + field(0, 2) + field(33, 2)
           + field(entry.checksum ? entry.checksum : checksumOf(entry.data), 4) + field(entry.zip64 ? full : packed, 4)
           + field(entry.zip64  ? full
                   : entry.size ? entry.size
                                : packed,
                   4)
           + field(static_cast<std::uint64_t>(name.size()), 2) + field(static_cast<std::uint64_t>(extra.size()), 2);
}

}  // namespace

QByteArray zipBytes(const QList<ZipEntry>& entries, const QByteArray& comment) {
    QByteArray bytes, directory;
    for (const ZipEntry& entry : entries) {
        const std::uint64_t packed = static_cast<std::uint64_t>(entry.data.size());
        const QByteArray extra =
            entry.zip64 ? field(1, 2) + field(16, 2) + field(entry.size ? entry.size : packed, 8) + field(packed, 8)
                        : QByteArray();
        const QByteArray localName = entry.localName.isEmpty() ? entry.name : entry.localName;
        const std::int64_t offset = entry.headerOffset < 0 ? bytes.size() : entry.headerOffset;
        if (entry.headerOffset < 0)
            bytes += "PK\x03\x04" + commonFields(entry, localName, extra) + localName + extra + entry.data;
        const std::uint64_t unixHost = 3 << 8;
        directory += "PK\x01\x02" + field(unixHost | 20, 2) + commonFields(entry, entry.name, extra) + field(0, 2)
                     + field(0, 2) + field(0, 2) + field(entry.externalAttributes, 4)
                     + field(static_cast<std::uint64_t>(offset), 4) + entry.name + extra;
    }
    const auto count = static_cast<std::uint64_t>(entries.size());
    const auto directoryOffset = static_cast<std::uint64_t>(bytes.size());
    return bytes + directory + "PK\x05\x06" + field(0, 2) + field(0, 2) + field(count, 2) + field(count, 2)
           + field(static_cast<std::uint64_t>(directory.size()), 4) + field(directoryOffset, 4)
           + field(static_cast<std::uint64_t>(comment.size()), 2) + comment;
}

QByteArray deflated(const QByteArray& bytes) {
    // qCompress writes four bytes of length and a zlib stream: two bytes of header, the deflate data, four of checksum.
    return qCompress(bytes, 9).mid(6).chopped(4);
}

}  // namespace bnstudio
