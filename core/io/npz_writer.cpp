// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/npz_writer.h"

#include "core/error.h"
#include "core/io/atomic_file.h"
#include "core/io/crc32.h"
#include "core/io/input_file.h"
#include "core/io/text_encoding.h"

#include <cstring>
#include <limits>
#include <unordered_set>
#include <vector>

namespace bnstudio {

namespace {

// Layouts: PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16 and 4.5.3.
constexpr std::uint32_t full32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint16_t full16 = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint16_t plainVersion = 20, zip64Version = 45;
constexpr std::uint16_t utf8Flag = 1 << 11;
constexpr std::uint16_t firstDosDay = 1 << 5 | 1;  // 1 January 1980: the same values give the same bytes on any day

/// Little-endian fields, one after another.
class Record {
public:
    template <class T>
    Record& add(T value) {
        const std::size_t at = m_bytes.size();
        m_bytes.resize(at + sizeof value);
        std::memcpy(m_bytes.data() + at, &value, sizeof value);
        return *this;
    }
    Record& add(const std::string& text) {
        m_bytes += text;
        return *this;
    }
    const std::string& bytes() const { return m_bytes; }

private:
    std::string m_bytes;
};

struct Member {
    std::string name;
    std::uint32_t checksum;
    std::uint64_t size, offset;
};

std::uint32_t capped(std::uint64_t value) {
    return value < full32 ? static_cast<std::uint32_t>(value) : full32;
}

std::string localHeader(const Member& member) {
    const bool large = member.size >= full32;
    Record record;
    record.add(std::uint32_t{0x04034b50}).add(large ? zip64Version : plainVersion).add(utf8Flag);
    record.add(std::uint16_t{0}).add(std::uint16_t{0}).add(firstDosDay).add(member.checksum);
    record.add(capped(member.size)).add(capped(member.size));
    record.add(static_cast<std::uint16_t>(member.name.size())).add(std::uint16_t(large ? 20 : 0)).add(member.name);
    if (large)
        record.add(std::uint16_t{1}).add(std::uint16_t{16}).add(member.size).add(member.size);
    return record.bytes();
}

std::string centralHeader(const Member& member) {
    Record extra;
    if (member.size >= full32)
        extra.add(member.size).add(member.size);
    if (member.offset >= full32)
        extra.add(member.offset);
    const auto extraBytes = static_cast<std::uint16_t>(extra.bytes().size());
    const std::uint16_t version = extraBytes > 0 ? zip64Version : plainVersion;
    Record record;
    record.add(std::uint32_t{0x02014b50}).add(version).add(version).add(utf8Flag);
    record.add(std::uint16_t{0}).add(std::uint16_t{0}).add(firstDosDay).add(member.checksum);
    record.add(capped(member.size)).add(capped(member.size)).add(static_cast<std::uint16_t>(member.name.size()));
    record.add(std::uint16_t(extraBytes > 0 ? extraBytes + 4 : 0)).add(std::uint16_t{0}).add(std::uint16_t{0});
    record.add(std::uint16_t{0}).add(std::uint32_t{0}).add(capped(member.offset)).add(member.name);
    if (extraBytes > 0)
        record.add(std::uint16_t{1}).add(extraBytes).add(extra.bytes());
    return record.bytes();
}

std::string endRecords(std::uint64_t members, std::uint64_t directoryOffset, std::uint64_t directoryBytes) {
    Record record;
    if (members >= full16 || directoryOffset >= full32 || directoryBytes >= full32) {
        record.add(std::uint32_t{0x06064b50}).add(std::uint64_t{44}).add(zip64Version).add(zip64Version);
        record.add(std::uint32_t{0}).add(std::uint32_t{0}).add(members).add(members);
        record.add(directoryBytes).add(directoryOffset);
        record.add(std::uint32_t{0x07064b50}).add(std::uint32_t{0});
        record.add(directoryOffset + directoryBytes).add(std::uint32_t{1});
    }
    const auto count = static_cast<std::uint16_t>(members < full16 ? members : full16);
    record.add(std::uint32_t{0x06054b50}).add(std::uint16_t{0}).add(std::uint16_t{0}).add(count).add(count);
    record.add(capped(directoryBytes)).add(capped(directoryOffset)).add(std::uint16_t{0});
    return record.bytes();
}

const char* typeString(DType dtype) {
    switch (dtype) {
    case DType::Float32:
    case DType::BFloat16:
        return "<f4";
    case DType::Float64:
        return "<f8";
    case DType::Float16:
        return "<f2";
    case DType::Int8:
        return "|i1";
    case DType::Int16:
        return "<i2";
    case DType::Int32:
        return "<i4";
    case DType::Int64:
        return "<i8";
    case DType::UInt8:
        return "|u1";
    case DType::UInt16:
        return "<u2";
    case DType::UInt32:
        return "<u4";
    case DType::UInt64:
        return "<u8";
    case DType::Bool:
        break;
    }
    return "|b1";
}

std::string npyHeader(const std::string& type, const Dims& shape) {
    std::string text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shapeText(shape) + ", }";
    constexpr std::size_t prefixBytes = 10, alignment = 64;
    text.append(alignment - 1 - (prefixBytes + text.size()) % alignment, ' ');
    text += '\n';
    Record record;
    record.add(std::string("\x93NUMPY")).add(std::uint8_t{1}).add(std::uint8_t{0});
    record.add(static_cast<std::uint16_t>(text.size())).add(text);
    return record.bytes();
}

std::span<const std::byte> bytesOf(const std::string& text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

struct NpzWriter::Impl {
    explicit Impl(const std::filesystem::path& target) : file(target), label(pathLabel(target)) {}

    void write(std::span<const std::byte> bytes) {
        file.write(bytes);
        offset += bytes.size();
    }
    void addMember(const std::string& name, const std::string& header, std::span<const std::byte> data) {
        if (name.size() > 1024 || !names.insert(name).second)
            throw Error(ErrorCode::WriteFailed, "cannot write " + label + ": the array name " + inQuotes(name)
                                                    + " is there already or longer than 1024 bytes");
        const std::uint32_t checksum = crc32(crc32(0, bytesOf(header)), data);
        members.push_back({name + ".npy", checksum, header.size() + data.size(), offset});
        write(bytesOf(localHeader(members.back())));
        write(bytesOf(header));
        write(data);
    }
    void commit() {
        const std::uint64_t directoryOffset = offset;
        for (const Member& member : members)
            write(bytesOf(centralHeader(member)));
        write(bytesOf(endRecords(members.size(), directoryOffset, offset - directoryOffset)));
        file.commit();
    }

    AtomicFile file;
    std::string label;
    std::uint64_t offset = 0;
    std::vector<Member> members;
    std::unordered_set<std::string> names;
};

NpzWriter::NpzWriter(std::filesystem::path target) : m_impl(std::make_unique<Impl>(target)) {}

NpzWriter::~NpzWriter() = default;

void NpzWriter::add(const std::string& name, const Tensor& tensor) {
    if (tensor.dtype() == DType::BFloat16)  // NumPy has none; as float32 the values are the same
        return add(name, tensor.convertedTo(DType::Float32));
    m_impl->addMember(name, npyHeader(typeString(tensor.dtype()), tensor.shape()), {tensor.bytes(), tensor.byteSize()});
}

void NpzWriter::addText(const std::string& name, std::string_view text) {
    std::u32string characters = utf8ToUtf32(text);
    if (characters.empty())
        characters.push_back(U'\0');  // NumPy drops zeros at the end, and has no text type of length 0 in files
    const std::string type = "<U" + std::to_string(characters.size());
    m_impl->addMember(name, npyHeader(type, {}), std::as_bytes(std::span(characters)));
}

void NpzWriter::commit() {
    m_impl->commit();
}

std::string npyBytes(const Tensor& tensor) {
    if (tensor.dtype() == DType::BFloat16)
        return npyBytes(tensor.convertedTo(DType::Float32));
    std::string bytes = npyHeader(typeString(tensor.dtype()), tensor.shape());
    bytes.append(reinterpret_cast<const char*>(tensor.bytes()), tensor.byteSize());
    return bytes;
}

}  // namespace bnstudio
