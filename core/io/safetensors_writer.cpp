// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors_writer.h"

#include "core/error.h"
#include "core/io/input_file.h"
#include "core/io/safetensors_header.h"
#include "core/io/text_encoding.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace bnstudio {

namespace {

std::string_view wordFor(DType dtype) {
    return std::find_if(safetensorsTypes.begin(), safetensorsTypes.end(),
                        [dtype](const SafetensorsType& type) { return type.dtype == dtype; })
        ->word;
}

}  // namespace

void SafetensorsWriter::add(const std::string& name, const Tensor& tensor) {
    const bool isTaken =
        std::any_of(m_tensors.begin(), m_tensors.end(), [&](const auto& other) { return other.first == name; });
    if (isTaken || !isUtf8(name) || name == "__metadata__")
        throw Error(ErrorCode::WriteFailed, "cannot write " + pathLabel(m_target) + ": the tensor name "
                                                + inQuotes(name) + " is there already, reserved or no UTF-8");
    m_tensors.emplace_back(name, tensor);
}

void SafetensorsWriter::commit() {
    std::stable_sort(m_tensors.begin(), m_tensors.end(), [](const auto& a, const auto& b) {
        return itemSize(a.second.dtype()) > itemSize(b.second.dtype());
    });
    m_file.write(safetensorsHeader(m_tensors));
    for (const auto& [name, tensor] : m_tensors)
        m_file.write(std::span(tensor.bytes(), tensor.byteSize()));
    m_file.commit();
}

std::string safetensorsHeader(const std::vector<std::pair<std::string, Tensor>>& tensors) {
    nlohmann::ordered_json header{{"__metadata__", {{"format", "pt"}}}};
    std::uint64_t begin = 0;
    for (const auto& [name, tensor] : tensors) {
        const std::uint64_t end = begin + tensor.byteSize();
        header[name] = {{"dtype", wordFor(tensor.dtype())}, {"shape", tensor.shape()}, {"data_offsets", {begin, end}}};
        begin = end;
    }
    std::string text = header.dump();
    constexpr std::size_t alignment = 8;
    text.append((alignment - text.size() % alignment) % alignment, ' ');
    std::string bytes;
    for (unsigned shift = 0; shift < 64; shift += 8)
        bytes += static_cast<char>(text.size() >> shift & 0xff);
    return bytes + text;
}

}  // namespace bnstudio
