// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/tensor_file.h"

#include "core/error.h"
#include "core/io/csv_reader.h"
#include "core/io/known_formats.h"
#include "core/io/npy_reader.h"
#include "core/io/npz_reader.h"
#include "core/io/row_access.h"
#include "core/io/safetensors_reader.h"
#include "core/io/torch_legacy_reader.h"
#include "core/io/torch_zip_reader.h"
#include "core/io/zip_archive.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <string_view>

namespace bnstudio {

namespace {

std::string lowerExtension(const std::filesystem::path& path) {
    std::string extension = path.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extension;
}

std::string firstBytes(const InputFile& file) {
    std::string start(static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), 4096)), '\0');
    file.readAt(0, std::as_writable_bytes(std::span(start.data(), start.size())));
    return start;
}

bool isTableExtension(const std::string& extension) {
    static constexpr std::array<std::string_view, 4> known{".csv", ".tsv", ".tab", ".txt"};
    return std::find(known.begin(), known.end(), extension) != known.end();
}

/// Without an extension that says so, a text is taken for a table when one of its first cells is a number.
bool looksLikeTable(const std::string& start, const std::string& extension) {
    static constexpr std::array<std::string_view, 4> plain{"", ".dat", ".data", ".asc"};
    return std::find(plain.begin(), plain.end(), extension) != plain.end() && startsLikeTable(start);
}

bool isTorchExtension(const std::string& extension) {
    return extension == ".pt" || extension == ".pth";
}

TensorFile openZip(const std::filesystem::path& path, const std::string& extension, const Progress& progress,
                   std::stop_token stop) {
    const auto archive = std::make_shared<ZipArchive>(path);
    const bool isTorch = isTorchArchive(archive->members());
    if (isTorch && extension == ".npz") {
        refuse(archive->label(), "is a PyTorch archive and no .npz file; give it the extension .pt");
    }
    TensorFile file = isTorch || isTorchExtension(extension) ? openTorchZip(archive, progress, stop)
                                                             : openNpz(archive, progress, stop);
    file.path = path;
    return file;
}

}  // namespace

Tensor LazyTensor::read() const {
    Tensor values;
    readRows(0, shape().empty() ? 1 : shape()[0], values);
    return values;
}

/// Through whole rows, some at a time: right for every reader, and good enough for those whose values are in memory or
/// scattered anyway.
void LazyTensor::readColumns(std::int64_t first, std::int64_t count, std::int64_t begin, std::int64_t length,
                             Tensor& out) const {
    constexpr std::int64_t blockBytes = std::int64_t{4} << 20;
    requireColumns(name(), shape(), begin, length);
    out.reshapeFor(dtype(), {count, length});
    const auto itemBytes = static_cast<std::int64_t>(itemSize(dtype()));
    const std::int64_t rowBytes = columnCount(shape()) * itemBytes;
    const std::int64_t rowsAtOnce = std::max<std::int64_t>(1, blockBytes / std::max<std::int64_t>(1, rowBytes));
    const auto pieceBytes = static_cast<std::size_t>(length * itemBytes);
    Tensor rows;
    for (std::int64_t done = 0; done < count && out.size() > 0; done += rowsAtOnce) {
        const std::int64_t taken = std::min(rowsAtOnce, count - done);
        readRows(first + done, taken, rows);
        for (std::int64_t row = 0; row < taken; ++row)
            std::memcpy(out.bytes() + static_cast<std::size_t>(done + row) * pieceBytes,
                        rows.bytes() + row * rowBytes + begin * itemBytes, pieceBytes);
    }
}

std::shared_ptr<const LazyTensor> TensorFile::find(const std::string& name) const {
    const auto found =
        std::find_if(tensors.begin(), tensors.end(), [&](const auto& tensor) { return tensor->name() == name; });
    return found == tensors.end() ? nullptr : *found;
}

TensorFile openTensorFile(const std::filesystem::path& path, const Progress& progress, std::stop_token stop) {
    std::string start;
    std::string label;
    std::uint64_t size = 0;
    {
        const InputFile file(path);
        start = firstBytes(file);
        label = file.label();
        size = file.size();
    }
    const std::string extension = lowerExtension(path);
    if (start.starts_with(npyMagic)) {
        return openNpy(path);
    }
    if (start.starts_with("PK\x03\x04") || start.starts_with("PK\x05\x06")) {
        return openZip(path, extension, progress, stop);
    }
    if (extension == ".safetensors" || startsLikeSafetensors(start, size)) {
        return openSafetensors(path, progress, stop);
    }
    if (extension == ".npy") {
        refuse(label, "is no NumPy array: byte 0 starts \"" + printable(start, 6) + "\", expected \\x93NUMPY");
    }
    if (extension == ".npz") {
        refuse(label, "is no zip archive: byte 0 starts \"" + printable(start, 4) + "\", expected PK");
    }
    if (isTorchExtension(extension) || startsLikePickle(start)) {
        return openTorchLegacy(path);
    }
    if (isTableExtension(extension) || looksLikeTable(start, extension)) {
        return openCsv(path, progress, stop);
    }
    refuseUnknownFormat(label, "");
}

}  // namespace bnstudio
