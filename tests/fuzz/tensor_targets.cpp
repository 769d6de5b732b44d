// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/csv_reader.h"
#include "core/io/npy_reader.h"
#include "core/io/npz_reader.h"
#include "core/io/safetensors_reader.h"
#include "core/io/torch_legacy_reader.h"
#include "core/io/torch_zip_reader.h"
#include "core/io/zip_archive.h"
#include "fuzz/bytes_as_file.h"

#include <array>

namespace bnstudio::fuzz {

namespace {

using OpenZip = TensorFile (*)(const std::shared_ptr<ZipArchive>&);

/// The archive as it is, where checksums stop most changes, and with right checksums.
void zipTarget(Bytes input, OpenZip open) {
    const auto openPath = [&](const std::filesystem::path& path) { return open(std::make_shared<ZipArchive>(path)); };
    if (input.empty())
        return;
    openAndRead(input, openPath);
    const std::string repaired = zipWithRightChecksums(input);
    if (!repaired.empty())
        openAndRead(std::as_bytes(std::span(repaired)), openPath);
}

TensorFile openNpzArchive(const std::shared_ptr<ZipArchive>& archive) {
    return openNpz(archive, {}, {});
}

TensorFile openTorchArchive(const std::shared_ptr<ZipArchive>& archive) {
    return openTorchZip(archive, {}, {});
}

}  // namespace

void npy(Bytes input) {
    openAndRead(input, openNpy);
}

void npz(Bytes input) {
    zipTarget(input, openNpzArchive);
}

void safetensors(Bytes input) {
    openAndRead(input, [](const std::filesystem::path& path) { return openSafetensors(path, {}, {}); });
}

void csv(Bytes input) {
    openAndRead(input, [](const std::filesystem::path& path) { return openCsv(path, {}, {}); });
}

void torchZip(Bytes input) {
    zipTarget(input, openTorchArchive);
}

/// The input is the pickle alone, so that it can grow and shrink freely, beside a few storages.
void torchPickle(Bytes input) {
    static constexpr std::array<std::byte, 960> storage{};
    std::vector<Member> members{{"a/data.pkl", input}};
    for (int key = 0; key < 10; ++key)
        members.push_back({"a/data/" + std::to_string(key), storage});
    const std::string archive = zipOf(members);
    openAndRead(std::as_bytes(std::span(archive)), [](const std::filesystem::path& path) {
        return openTorchZip(std::make_shared<ZipArchive>(path), {}, {});
    });
}

void torchLegacy(Bytes input) {
    openAndRead(input, openTorchLegacy);
}

}  // namespace bnstudio::fuzz
