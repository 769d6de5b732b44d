// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/npz_reader.h"

#include "core/error.h"
#include "core/io/known_formats.h"
#include "core/io/npy_reader.h"
#include "core/io/text_encoding.h"
#include "core/io/zip_archive.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace bnstudio {

namespace {

constexpr std::size_t headBytes = std::size_t{16} << 10;  // more than the longest header that is accepted
constexpr std::string_view suffix = ".npy";
// Checking the checksum means reading the member through. A stored one beyond this size is read in place, batch by
// batch, and opening it must not cost what reading all of it does; its size is known from the file.
constexpr std::uint64_t largestStoredChecked = std::uint64_t{256} << 20;

bool isReadUnchecked(const ZipMember& member) {
    return !member.deflated && member.size > largestStoredChecked;
}

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

bool hasArrays(const std::vector<ZipMember>& members) {
    return std::any_of(members.begin(), members.end(),
                       [](const ZipMember& member) { return member.name.ends_with(suffix); });
}

std::string tensorName(const std::string& memberName) {
    return memberName.ends_with(suffix) ? memberName.substr(0, memberName.size() - suffix.size()) : memberName;
}

/// One NumPy str: four bytes a character, filled up with zeros.
std::string readText(const NpyHeader& header, const std::string& where, const ByteSource& source) {
    constexpr std::size_t maxCharacters = std::size_t{1} << 20;
    const std::uint64_t present = source.size() - header.dataOffset;
    if (header.textCharacters > maxCharacters || present != 4 * header.textCharacters)
        refuse(where, "is a text of " + std::to_string(header.textCharacters) + " characters in "
                          + std::to_string(present) + " bytes, expected four bytes a character and at most 2^20");
    std::vector<std::byte> bytes(static_cast<std::size_t>(present));
    source.readAt(header.dataOffset, bytes);
    std::u32string characters;
    for (std::size_t at = 0; at < bytes.size(); at += 4) {
        char32_t character = 0;
        for (std::size_t i = 0; i < 4; ++i)
            character = character << 8 | std::to_integer<std::uint8_t>(bytes[header.bigEndian ? at + i : at + 3 - i]);
        characters += character;
    }
    characters.erase(characters.find_last_not_of(U'\0') + 1);
    std::string text;
    for (const char32_t character : characters)
        appendUtf8(text, character);
    return text;
}

void addMember(ZipArchive& archive, std::size_t index, std::vector<std::byte> head, TensorFile& file) {
    const std::string where = archive.memberLabel(index);
    const std::string name = tensorName(archive.members()[index].name);
    NpyHeader header = readNpyHeader(MemberHead(std::move(head), archive.members()[index].size), where);
    if (header.textCharacters > 0 && header.shape.empty()) {
        file.texts.emplace_back(name, readText(header, where, *archive.memberSource(index)));
        return;
    }
    if (!header.dtype) {
        file.notes.push_back(inQuotes(name) + " " + header.unsupported + "; it was left out");
        return;
    }
    file.tensors.push_back(
        std::make_shared<const NpyTensor>(name, where, std::move(header), archive.memberSource(index)));
}

void refuseEqualNames(const ZipArchive& archive) {
    std::unordered_set<std::string> names;
    for (std::size_t i = 0; i < archive.members().size(); ++i) {
        if (!names.insert(tensorName(archive.members()[i].name)).second) {
            refuse(archive.memberLabel(i), "two members have this name when \".npy\" is left out, expected one");
        }
    }
}

}  // namespace

TensorFile openNpz(const std::shared_ptr<ZipArchive>& archive, const Progress& progress, std::stop_token stop) {
    if (!hasArrays(archive->members())) {
        refuseUnknownFormat(archive->label(), "it is a zip archive without .npy members");
    }
    refuseEqualNames(*archive);
    std::uint64_t total = 1, done = 0;
    for (const ZipMember& member : archive->members()) {
        total += isReadUnchecked(member) ? 0 : member.size;
    }
    TensorFile file;
    file.format = "npz";
    const auto consumed = [&](std::size_t bytes) {
        done += bytes;
        if (progress) {
            progress(static_cast<double>(done) / static_cast<double>(total));
        }
    };
    for (std::size_t i = 0; i < archive->members().size(); ++i) {
        if (!isReadUnchecked(archive->members()[i])) {
            addMember(*archive, i, archive->verify(i, headBytes, stop, consumed), file);
            continue;
        }
        std::vector<std::byte> head(headBytes);
        archive->memberSource(i)->readAt(0, head);
        addMember(*archive, i, std::move(head), file);
        file.notes.push_back(inQuotes(archive->members()[i].name)
                             + " is larger than 256 MiB and read in place; its checksum was not checked");
    }
    if (file.tensors.empty()) {
        refuse(archive->label(), "holds no array of numbers" + (file.notes.empty() ? "" : ": " + file.notes.front()));
    }
    return file;
}

}  // namespace bnstudio
