// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/torch_zip_reader.h"

#include "core/error.h"
#include "core/io/byte_window.h"
#include "core/io/torch_objects.h"
#include "core/io/unpickler.h"
#include "core/io/zip_archive.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace bnstudio {

namespace {

constexpr std::string_view pickleName = "data.pkl";
constexpr std::uint64_t maxVerifiedRecord = std::uint64_t{64} << 20;

/// "bn/data.pkl" → "bn/", "data.pkl" → "", nothing for other names and for deeper folders.
std::optional<std::string> rootOf(std::string_view member, std::string_view record) {
    if (!member.ends_with(record)) {
        return std::nullopt;
    }
    const std::string_view root = member.substr(0, member.size() - record.size());
    if (root.empty() || (root.ends_with('/') && root.find('/') == root.size() - 1)) {
        return std::string(root);
    }
    return std::nullopt;
}

class TorchArchive {
public:
    explicit TorchArchive(std::shared_ptr<ZipArchive> archive) : m_archive(std::move(archive)) {
        for (std::size_t i = 0; i < members().size(); ++i) {
            m_index.emplace(members()[i].name, i);
            if (auto root = rootOf(members()[i].name, pickleName)) {
                if (m_root) {
                    refuse(m_archive->memberLabel(i), "is the second pickle, expected one");
                }
                m_root = std::move(root);
            }
        }
        if (!m_root) {
            refuse(label(), "is a zip archive without the record data.pkl, which torch.save writes");
        }
    }

    const std::string& label() const { return m_archive->label(); }
    const std::vector<ZipMember>& members() const { return m_archive->members(); }

    std::optional<std::size_t> find(const std::string& record) const {
        const auto found = m_index.find(*m_root + record);
        return found == m_index.end() ? std::nullopt : std::optional(found->second);
    }

    void verify(const Progress& progress, std::stop_token stop) const {
        const auto isVerified = [](const ZipMember& member) { return member.size <= maxVerifiedRecord; };
        std::uint64_t total = 1, done = 0;
        for (const ZipMember& member : members()) {
            total += isVerified(member) ? member.size : 0;
        }
        for (std::size_t i = 0; i < members().size(); ++i) {
            if (isVerified(members()[i])) {
                m_archive->verify(i, 0, stop, [&](std::size_t bytes) {
                    done += bytes;
                    if (progress) {
                        progress(static_cast<double>(done) / static_cast<double>(total));
                    }
                });
            }
        }
    }

    /// PyTorch 2.1 and later say in which byte order the storages are; without that they are little-endian.
    bool isBigEndian() const {
        const auto index = find("byteorder");
        if (!index) {
            return false;
        }
        std::string order(static_cast<std::size_t>(std::min<std::uint64_t>(members()[*index].size, 16)), '\0');
        m_archive->memberSource(*index)->readAt(0, std::as_writable_bytes(std::span(order.data(), order.size())));
        if (order != "little" && order != "big") {
            refuse(m_archive->memberLabel(*index), "says " + inQuotes(order) + ", expected little or big");
        }
        return order == "big";
    }

    std::shared_ptr<const ByteSource> pickle() const {
        const std::size_t index = *find(std::string(pickleName));
        if (members()[index].size > Unpickler::maxBytes) {
            refuse(m_archive->memberLabel(index), "has " + std::to_string(members()[index].size)
                                                      + " bytes, expected at most "
                                                      + std::to_string(Unpickler::maxBytes));
        }
        return m_archive->memberSource(index);
    }
    std::string pickleLabel() const { return m_archive->memberLabel(*find(std::string(pickleName))); }

    std::shared_ptr<const ByteSource> storage(const PickledStorage& storage) const {
        const std::uint64_t needed = storageBytes(storage, storage.numel);
        const auto index = find("data/" + storage.key);
        if (!index) {
            refuse(label(), "has no record " + inQuotes("data/" + storage.key) + ", expected " + std::to_string(needed)
                                + " bytes");
        }
        if (members()[*index].size < needed) {
            refuse(m_archive->memberLabel(*index), "has " + std::to_string(members()[*index].size) + " bytes, expected "
                                                       + std::to_string(needed) + " for "
                                                       + std::to_string(storage.numel) + " elements");
        }
        if (members()[*index].size == storageBytes(storage, storage.viewNumel)) {
            return m_archive->memberSource(*index);
        }
        return std::make_shared<const ByteWindow>(
            m_archive->memberSource(*index), storageBytes(storage, storage.viewOffset),
            storageBytes(storage, storage.viewNumel), m_archive->memberLabel(*index));
    }

private:
    std::shared_ptr<ZipArchive> m_archive;
    std::optional<std::string> m_root;
    std::unordered_map<std::string, std::size_t> m_index;
};

void refuseTorchScript(const ZipArchive& archive) {
    const auto& members = archive.members();
    const bool isScript = std::any_of(members.begin(), members.end(), [](const ZipMember& member) {
        return rootOf(member.name, "constants.pkl").has_value();
    });
    if (isScript) {
        refuse(archive.label(), "is a TorchScript program (torch.jit.save), which is not read; in Python, "
                                "torch.save(torch.jit.load(FILE).state_dict(), \"state.pt\") makes a file that is");
    }
}

}  // namespace

bool isTorchArchive(const std::vector<ZipMember>& members) {
    return std::any_of(members.begin(), members.end(), [](const ZipMember& member) {
        return rootOf(member.name, pickleName) || rootOf(member.name, "constants.pkl");
    });
}

TensorFile openTorchZip(std::shared_ptr<ZipArchive> archive, const Progress& progress, std::stop_token stop) {
    refuseTorchScript(*archive);
    const TorchArchive torch(std::move(archive));
    torch.verify(progress, stop);
    PickleObjects objects;
    const PickleId root = Unpickler(*torch.pickle(), 0, torch.pickleLabel(), objects).load();
    const bool bigEndian = torch.isBigEndian();
    TensorFile file;
    file.format = "pt";
    collectTensors(
        objects, root, torch.label(), [&](const PickledStorage& storage) { return torch.storage(storage); }, bigEndian,
        file);
    if (bigEndian) {
        file.notes.push_back("the values are stored big-endian");
    }
    return file;
}

}  // namespace bnstudio
