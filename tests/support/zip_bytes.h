// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QList>

#include <cstdint>

namespace bnstudio {

/// One member of a zip archive for tests, with every field that a malicious archive may lie about.
struct ZipEntry {
    QByteArray name;
    QByteArray data;           ///< as it lies in the archive
    std::uint16_t method = 0;  ///< 0 stored, 8 deflated
    std::uint16_t flags = 0;
    std::uint32_t checksum = 0;  ///< 0: that of the data
    std::uint64_t size = 0;      ///< uncompressed; 0: as long as the data
    std::uint32_t externalAttributes = 0;
    QByteArray localName = {};       ///< empty: as name
    std::int64_t headerOffset = -1;  ///< 0 or more: no bytes of its own, the local header is said to be there
    bool zip64 = false;              ///< sizes in the zip64 extra fields
};

/// The bytes of an archive with these members.
QByteArray zipBytes(const QList<ZipEntry>& entries, const QByteArray& comment = {});
/// The bytes compressed for a zip member of method 8.
QByteArray deflated(const QByteArray& bytes);

}  // namespace bnstudio
