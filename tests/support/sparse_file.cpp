// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/sparse_file.h"

#include "core/io/npz_writer.h"
#include "support/zip_bytes.h"

#include <QtEndian>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bnstudio::testing {

namespace {

bool writeAt(int descriptor, const QByteArray& bytes, std::int64_t offset) {
    return pwrite(descriptor, bytes.constData(), static_cast<std::size_t>(bytes.size()), offset) == bytes.size();
}

QByteArray npyHead(std::int64_t rows, std::int64_t columns) {
    // The header of an empty array, with the shape put in place of as many blanks.
    QByteArray head = QByteArray::fromStdString(npyBytes(Tensor(DType::Float32, {0, columns})));
    const QByteArray number = QByteArray::number(qlonglong{rows});
    head.replace(head.indexOf("(0, "), 2, "(" + number);
    return head.remove(head.size() - number.size(), number.size() - 1);
}

void put32(QByteArray& bytes, qsizetype at, std::int64_t value) {
    qToLittleEndian(static_cast<std::uint32_t>(value), bytes.data() + at);
}

}  // namespace

bool writeSparseFile(const std::filesystem::path& path, const QByteArray& head, std::int64_t zeros,
                     const QByteArray& tail) {
    constexpr std::int64_t mostOnDisk = std::int64_t{16} << 20;
    const int descriptor = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    if (descriptor < 0)
        return false;
    const std::int64_t end = head.size() + zeros;
    struct stat status {};
    const bool isDone = writeAt(descriptor, head, 0) && ftruncate(descriptor, end) == 0
                        && writeAt(descriptor, tail, end) && fsync(descriptor) == 0 && fstat(descriptor, &status) == 0;
    close(descriptor);
    return isDone && status.st_size == end + tail.size() && std::int64_t{status.st_blocks} * 512 < mostOnDisk;
}

bool writeSparseNpy(const std::filesystem::path& path, std::int64_t rows, std::int64_t columns) {
    return writeSparseFile(path, npyHead(rows, columns), rows * columns * 4);
}

bool writeSparseSafetensors(const std::filesystem::path& path, std::int64_t rows, std::int64_t columns) {
    const QByteArray json = R"({"x":{"dtype":"F32","shape":[)" + QByteArray::number(qlonglong{rows}) + ","
                            + QByteArray::number(qlonglong{columns}) + R"(],"data_offsets":[0,)"
                            + QByteArray::number(qlonglong{rows * columns * 4}) + "]}}";
    QByteArray length(8, '\0');
    qToLittleEndian(static_cast<std::uint64_t>(json.size()), length.data());
    return writeSparseFile(path, length + json, rows * columns * 4);
}

bool writeSparseNpz(const std::filesystem::path& path, std::int64_t rows, std::int64_t columns) {
    const QByteArray head = npyHead(rows, columns);
    const std::int64_t zeros = rows * columns * 4, size = head.size() + zeros;
    const QByteArray archive = zipBytes({{"x.npy", head}});
    constexpr qsizetype localHeader = 30 + 5;
    QByteArray local = archive.left(localHeader + head.size()), rest = archive.mid(localHeader + head.size());
    // Compressed and uncompressed size in the local header and in the directory, then the directory's own place.
    put32(local, 18, size);
    put32(local, 22, size);
    put32(rest, 20, size);
    put32(rest, 24, size);
    put32(rest, rest.size() - 6, local.size() + zeros);
    return writeSparseFile(path, local, zeros, rest);
}

}  // namespace bnstudio::testing
