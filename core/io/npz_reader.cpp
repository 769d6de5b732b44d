// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/npz_reader.h"

#include "core/error.h"
#include "core/io/known_formats.h"
#include "core/io/npy_reader.h"
#include "core/io/npz_archive.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace bnstudio {

namespace {

constexpr std::size_t headBytes = std::size_t{16} << 10;  // more than the longest header that is accepted
constexpr std::string_view suffix = ".npy";

/// The first bytes of a member whose full size is known. The header parser asks for no byte beyond them.
class MemberHead : public ByteSource {
public:
    MemberHead(std::vector<std::byte> head, std::uint64_t size) : m_head(std::move(head)), m_size(size) {}
    std::uint64_t size() const override { return m_size; }
    void readAt(std::uint64_t offset, std::span<std::byte> out) const override {
        if (offset > m_head.size() || out.size() > m_head.size() - offset) {
            throw Error(ErrorCode::BadInput, "the header of a member is too long");
        }
        std::copy_n(m_head.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    }

private:
    std::vector<std::byte> m_head;
    std::uint64_t m_size;
};

bool isTorchArchive(const std::vector<ZipMember>& members) {
    return std::any_of(members.begin(), members.end(), [](const ZipMember& member) {
        return member.name == "data.pkl" || member.name.ends_with("/data.pkl");
    });
}

bool hasArrays(const std::vector<ZipMember>& members) {
    return std::any_of(members.begin(), members.end(),
                       [](const ZipMember& member) { return member.name.ends_with(suffix); });
}

std::string tensorName(const std::string& memberName) {
    return memberName.ends_with(suffix) ? memberName.substr(0, memberName.size() - suffix.size()) : memberName;
}

void addMember(NpzArchive& archive, std::size_t index, std::vector<std::byte> head, TensorFile& file) {
    const std::string where = archive.memberLabel(index);
    const std::string name = tensorName(archive.members()[index].name);
    NpyHeader header = readNpyHeader(MemberHead(std::move(head), archive.members()[index].size), where);
    if (!header.dtype) {
        file.notes.push_back(inQuotes(name) + " " + header.unsupported + "; it was left out");
        return;
    }
    file.tensors.push_back(
        std::make_shared<const NpyTensor>(name, where, std::move(header), archive.memberSource(index)));
}

void refuseEqualNames(const NpzArchive& archive) {
    std::unordered_set<std::string> names;
    for (std::size_t i = 0; i < archive.members().size(); ++i) {
        if (!names.insert(tensorName(archive.members()[i].name)).second) {
            refuse(archive.memberLabel(i), "two members have this name when \".npy\" is left out, expected one");
        }
    }
}

}  // namespace

TensorFile openNpz(const std::filesystem::path& path, const Progress& progress, std::stop_token stop) {
    const auto archive = std::make_shared<NpzArchive>(path);
    if (isTorchArchive(archive->members())) {
        refuseUnknownFormat(archive->label(), "it is a PyTorch archive");
    }
    if (!hasArrays(archive->members())) {
        refuseUnknownFormat(archive->label(), "it is a zip archive without .npy members");
    }
    refuseEqualNames(*archive);
    std::uint64_t total = 1, done = 0;
    for (const ZipMember& member : archive->members()) {
        total += member.size;
    }
    TensorFile file;
    file.path = path;
    file.format = "npz";
    for (std::size_t i = 0; i < archive->members().size(); ++i) {
        addMember(*archive, i,
                  archive->verify(i, headBytes, stop,
                                  [&](std::size_t bytes) {
                                      done += bytes;
                                      if (progress) {
                                          progress(static_cast<double>(done) / static_cast<double>(total));
                                      }
                                  }),
                  file);
    }
    if (file.tensors.empty()) {
        refuse(archive->label(), "holds no array of numbers: " + file.notes.front());
    }
    return file;
}

}  // namespace bnstudio
