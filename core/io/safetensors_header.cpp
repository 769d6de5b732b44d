// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors_header.h"

#include "core/error.h"
#include "core/io/json_bytes.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace bnstudio {

namespace {

using Json = nlohmann::json;

constexpr std::size_t maxEntries = 100'000;  // with 64 MiB for them all; large models are split at a thousand or so
constexpr std::size_t maxAxes = 8;

/// Receives the parser's events and accepts nothing but
/// {name: {"dtype": word, "shape": [n, …], "data_offsets": [begin, end]}, …, "__metadata__": {key: text, …}}.
class HeaderEvents {
public:
    HeaderEvents(const JsonBytes& bytes, std::string where) : m_bytes(bytes), m_where(std::move(where)) {}
    std::vector<SafetensorsEntry> takeEntries() { return std::move(m_entries); }

    // The interface that nlohmann::json::sax_parse calls.
    bool null() { wrong("null"); }
    bool boolean(bool) { wrong("true or false"); }
    bool binary(Json::binary_t&) { wrong("binary data"); }
    bool number_float(double, const std::string& text) { wrong("the number " + printable(text)); }
    bool number_integer(std::int64_t value) { wrong("the number " + std::to_string(value)); }
    bool number_unsigned(std::uint64_t value);
    bool string(std::string& text);
    bool key(std::string& text);
    bool start_object(std::size_t);
    bool end_object();
    bool start_array(std::size_t);
    bool end_array();
    [[noreturn]] bool parse_error(std::size_t, const std::string&, const Json::exception& error) {
        const std::string_view message = error.what();
        const std::size_t detail = message.find("syntax error");
        stop("the header is no JSON: " + printable(message.substr(std::min(detail, message.size())), 200));
    }

private:
    enum class Place { Start, Root, Metadata, Tensor, Shape, Offsets };

    [[noreturn]] void stop(const std::string& reason) const {
        refuse(m_where, "byte " + std::to_string(m_bytes.position()) + ": " + reason);
    }
    [[noreturn]] void wrong(const std::string& got) const { stop(owner() + "holds " + got + ", expected " + wanted()); }
    std::string owner() const {
        return m_place == Place::Start  ? "the header "
               : m_place == Place::Root ? inQuotes(m_key) + " "
                                        : inQuotes(m_name) + ": " + inQuotes(m_key) + " ";
    }
    std::string wanted() const;
    void beginEntry();
    void finishEntry();

    const JsonBytes& m_bytes;
    std::string m_where;
    Place m_place = Place::Start;
    std::string m_name, m_key;
    std::vector<SafetensorsEntry> m_entries;
    std::set<std::string> m_metadataKeys;
    bool m_hasMetadata = false, m_hasType = false, m_hasShape = false, m_hasOffsets = false;
    std::size_t m_offsets = 0;
};

std::string HeaderEvents::wanted() const {
    switch (m_place) {
    case Place::Start:
    case Place::Root:
        return "an object";
    case Place::Metadata:
        return "a text";
    case Place::Tensor:
        return m_key == "dtype" ? "the name of a dtype" : "a list of whole numbers from 0";
    case Place::Shape:
    case Place::Offsets:
        break;
    }
    return "whole numbers from 0 to 2^63 - 1";
}

bool HeaderEvents::number_unsigned(std::uint64_t value) {
    if ((m_place != Place::Shape && m_place != Place::Offsets)
        || value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        wrong("the number " + std::to_string(value));
    SafetensorsEntry& entry = m_entries.back();
    if (m_place == Place::Shape) {
        if (entry.shape.size() == maxAxes)
            stop(owner() + "has more than 8 axes");
        entry.shape.push_back(static_cast<std::int64_t>(value));
    } else {
        if (m_offsets == 2)
            stop(owner() + "has more than two numbers, expected begin and end");
        (m_offsets++ == 0 ? entry.begin : entry.end) = value;
    }
    return true;
}

bool HeaderEvents::string(std::string& text) {
    if (m_place == Place::Metadata)
        return true;
    if (m_place != Place::Tensor || m_key != "dtype")
        wrong("the text " + inQuotes(text));
    const auto type = std::find_if(safetensorsTypes.begin(), safetensorsTypes.end(),
                                   [&](const SafetensorsType& known) { return known.word == text; });
    if (type == safetensorsTypes.end())
        stop(inQuotes(m_name) + " has the unknown dtype " + inQuotes(text)
             + ", expected one of the format such as F32, F64, F16, BF16 or I64");
    m_entries.back().type = &*type;
    return true;
}

bool HeaderEvents::key(std::string& text) {
    m_key = std::move(text);
    if (m_place == Place::Metadata) {
        if (m_metadataKeys.size() == maxEntries)
            stop("__metadata__ has more than 100,000 keys");
        if (!m_metadataKeys.insert(m_key).second)
            stop(owner() + "stands there twice, expected once");
    } else if (m_place == Place::Tensor) {
        bool* const seen = m_key == "dtype"          ? &m_hasType
                           : m_key == "shape"        ? &m_hasShape
                           : m_key == "data_offsets" ? &m_hasOffsets
                                                     : nullptr;
        if (!seen)
            stop(owner() + "is an unknown key, expected dtype, shape and data_offsets");
        if (std::exchange(*seen, true))
            stop(owner() + "stands there twice, expected once");
    }
    return true;
}

bool HeaderEvents::start_object(std::size_t) {
    if (m_place == Place::Start) {
        m_place = Place::Root;
    } else if (m_place == Place::Root) {
        m_name = m_key;
        beginEntry();
    } else {
        wrong("an object");
    }
    return true;
}

void HeaderEvents::beginEntry() {
    if (m_name == "__metadata__") {
        if (std::exchange(m_hasMetadata, true))
            stop("__metadata__ stands there twice, expected once");
        m_place = Place::Metadata;
        return;
    }
    if (m_entries.size() == maxEntries)
        stop("the header lists more than 100,000 tensors");
    m_entries.emplace_back().name = m_name;
    m_hasType = m_hasShape = m_hasOffsets = false;
    m_offsets = 0;
    m_place = Place::Tensor;
}

bool HeaderEvents::end_object() {
    if (m_place == Place::Tensor)
        finishEntry();
    m_place = Place::Root;
    return true;
}

void HeaderEvents::finishEntry() {
    const char* const missing = !m_hasType ? "dtype" : !m_hasShape ? "shape" : !m_hasOffsets ? "data_offsets" : nullptr;
    if (missing)
        stop(inQuotes(m_name) + " lacks the key \"" + missing + "\"");
}

bool HeaderEvents::start_array(std::size_t) {
    if (m_place != Place::Tensor || m_key == "dtype")
        wrong("a list");
    m_place = m_key == "shape" ? Place::Shape : Place::Offsets;
    return true;
}

bool HeaderEvents::end_array() {
    if (m_place == Place::Offsets && m_offsets != 2)
        stop(owner() + "has fewer than two numbers, expected begin and end");
    m_place = Place::Tensor;
    return true;
}

}  // namespace

std::uint64_t readSafetensorsHeaderLength(const InputFile& file) {
    if (file.size() < safetensorsLengthBytes)
        refuse(file.label(), "ends inside the length of its header, after " + std::to_string(file.size())
                                 + " of 8 bytes; expected a safetensors file");
    std::uint64_t length = 0;  // little-endian, as this machine is
    file.readAt(0, std::as_writable_bytes(std::span(&length, 1)));
    const std::uint64_t present = file.size() - safetensorsLengthBytes;
    if (length > maxSafetensorsHeader || length > present)
        refuse(file.label(), "byte 0: a header of " + std::to_string(length) + " bytes is announced, but "
                                 + (length > present ? std::to_string(present) + " follow"
                                                     : std::string("the format allows 100000000")));
    char first = '\0';
    if (length > 0)
        file.readAt(safetensorsLengthBytes, std::as_writable_bytes(std::span(&first, 1)));
    if (first != '{')
        refuse(file.label(), "byte 8: the header does not start with {, expected the JSON of a safetensors file");
    return length;
}

std::vector<SafetensorsEntry> readSafetensorsHeader(const InputFile& file, std::uint64_t length,
                                                    const Progress& progress, std::stop_token stop) {
    const auto onBlock = [&](std::uint64_t offset) {
        if (stop.stop_requested())
            throw Error(ErrorCode::Cancelled, file.label() + ": reading was cancelled");
        if (progress)
            progress(static_cast<double>(offset) / static_cast<double>(safetensorsLengthBytes + length));
    };
    JsonBytes bytes(file, file.label(), safetensorsLengthBytes, safetensorsLengthBytes + length, onBlock);
    HeaderEvents events(bytes, file.label());
    Json::sax_parse(JsonByteIterator(bytes), JsonByteIterator(), &events);
    return events.takeEntries();
}

}  // namespace bnstudio
