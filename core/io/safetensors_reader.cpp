// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors_reader.h"

#include "core/error.h"
#include "core/io/row_access.h"
#include "core/io/safetensors_header.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace bnstudio {

namespace {

class SafetensorsTensor : public LazyTensor {
public:
    SafetensorsTensor(std::string name, StoredArray array, std::shared_ptr<const InputFile> file)
        : m_name(std::move(name)), m_array(std::move(array)), m_file(std::move(file)) {}
    const std::string& name() const override { return m_name; }
    DType dtype() const override { return m_array.dtype; }
    const Dims& shape() const override { return m_array.shape; }
    void readRows(std::int64_t first, std::int64_t count, Tensor& out) const override {
        readStoredRows(*m_file, where(), m_array, first, count, out);
    }
    void readColumns(std::int64_t first, std::int64_t count, std::int64_t begin, std::int64_t length,
                     Tensor& out) const override {
        readStoredColumns(*m_file, where(), m_array, first, count, begin, length, out);
    }

private:
    std::string where() const { return m_file->label() + ": tensor " + inQuotes(m_name); }

    std::string m_name;
    StoredArray m_array;
    std::shared_ptr<const InputFile> m_file;
};

/// Bytes that shape and dtype ask for; nothing when they end inside a byte.
std::optional<std::uint64_t> byteCount(const SafetensorsEntry& entry) {
    const unsigned bits = entry.type->bits;
    const auto elements = static_cast<std::uint64_t>(checkedElementCount(entry.shape, (bits + 7) / 8));
    const std::uint64_t restBits = elements % 8 * bits;
    return restBits % 8 == 0 ? std::optional(elements / 8 * bits + restBits / 8) : std::nullopt;
}

std::string offsetsText(const SafetensorsEntry& entry) {
    return "data_offsets [" + std::to_string(entry.begin) + ", " + std::to_string(entry.end) + "]";
}

/// One tensor for itself: its range lies in the data and has the size of its values.
void checkEntry(const std::string& where, const SafetensorsEntry& entry, std::uint64_t dataBytes) {
    if (entry.begin > entry.end || entry.end > dataBytes)
        refuse(where, offsetsText(entry)
                          + (entry.begin > entry.end ? " end before they begin"
                                                     : " reach beyond the " + std::to_string(dataBytes)
                                                           + " bytes of data that the file has"));
    std::optional<std::uint64_t> wanted;
    try {
        wanted = byteCount(entry);
    } catch (const Error& error) {
        refuse(where, error.what());
    }
    if (wanted != entry.end - entry.begin)
        refuse(where, "shape " + shapeText(entry.shape) + " of " + std::string(entry.type->word) + " needs "
                          + (wanted ? std::to_string(*wanted) : std::string("no whole number of")) + " bytes, but "
                          + offsetsText(entry) + " hold " + std::to_string(entry.end - entry.begin));
}

void refuseEqualNames(const std::string& label, const std::vector<SafetensorsEntry>& entries) {
    std::vector<std::string_view> names;
    for (const SafetensorsEntry& entry : entries)
        names.push_back(entry.name);
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end())
        refuse(label, "two tensors have the name " + inQuotes(*twice) + ", expected one");
}

/// Sorts by place. The ranges fill the data without gaps: no byte belongs to two tensors or to none.
void checkEntries(const std::string& label, std::vector<SafetensorsEntry>& entries, std::uint64_t headerBytes,
                  std::uint64_t dataBytes) {
    std::stable_sort(entries.begin(), entries.end(), [](const SafetensorsEntry& a, const SafetensorsEntry& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    });
    std::uint64_t next = 0;
    for (const SafetensorsEntry& entry : entries) {
        const std::string where = label + ": tensor " + inQuotes(entry.name);
        checkEntry(where, entry, dataBytes);
        if (entry.begin != next)
            refuse(where, offsetsText(entry) + (entry.begin < next ? " overlap those" : " leave a hole behind those")
                              + " of the tensor before; expected to begin at " + std::to_string(next));
        next = entry.end;
    }
    if (next != dataBytes)
        refuse(label, std::to_string(dataBytes - next) + " bytes follow the last tensor, which ends at byte "
                          + std::to_string(headerBytes + next) + "; expected none");
}

/// A sentence for each dtype that is not read.
std::vector<std::string> notesOnUnread(const std::vector<SafetensorsEntry>& entries) {
    std::vector<std::string> notes;
    for (const SafetensorsType& type : safetensorsTypes) {
        const SafetensorsEntry* first = nullptr;
        std::size_t count = 0;
        for (const SafetensorsEntry& entry : entries) {
            if (type.dtype || entry.type != &type)
                continue;
            first = first ? first : &entry;
            ++count;
        }
        if (count > 0)
            notes.push_back(inQuotes(first->name)
                            + (count > 1 ? " and " + std::to_string(count - 1) + " more hold " : " holds ")
                            + std::string(type.word) + " values, which are not read; left out");
    }
    return notes;
}

}  // namespace

TensorFile openSafetensors(const std::filesystem::path& path, const Progress& progress, std::stop_token stop) {
    const auto source = std::make_shared<const InputFile>(path);
    const std::uint64_t length = readSafetensorsHeaderLength(*source);
    std::vector<SafetensorsEntry> entries = readSafetensorsHeader(*source, length, progress, std::move(stop));
    refuseEqualNames(source->label(), entries);
    const std::uint64_t dataOffset = safetensorsLengthBytes + length;
    checkEntries(source->label(), entries, dataOffset, source->size() - dataOffset);
    TensorFile file;
    file.path = path;
    file.format = "safetensors";
    file.notes = notesOnUnread(entries);
    for (SafetensorsEntry& entry : entries) {
        if (!entry.type->dtype)
            continue;
        StoredArray array{*entry.type->dtype, std::move(entry.shape), dataOffset + entry.begin, false};
        file.tensors.push_back(
            std::make_shared<const SafetensorsTensor>(std::move(entry.name), std::move(array), source));
    }
    if (file.tensors.empty() && !file.notes.empty())
        refuse(source->label(), "holds no tensor that can be read: " + file.notes.front());
    return file;
}

bool startsLikeSafetensors(std::string_view start, std::uint64_t fileSize) {
    if (start.size() <= safetensorsLengthBytes || start[safetensorsLengthBytes] != '{')
        return false;
    std::uint64_t length = 0;
    std::memcpy(&length, start.data(), sizeof length);
    return length <= maxSafetensorsHeader && length <= fileSize - safetensorsLengthBytes;
}

}  // namespace bnstudio
