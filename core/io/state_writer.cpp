// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/state_writer.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace bnstudio {

namespace {

bool isSafetensors(const std::filesystem::path& target) {
    std::string extension = target.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extension == ".safetensors";
}

/// A Python string literal: only quotes, backslashes and control characters need care.
std::string pythonLiteral(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string literal = "'";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\'' || c == '\\')
            literal += '\\';
        if (byte < 0x20 || byte == 0x7f)
            literal += std::string("\\x") + digits[byte >> 4U] + digits[byte & 15U];
        else
            literal += c;
    }
    return literal + "'";
}

}  // namespace

StateWriter::StateWriter(const std::filesystem::path& target) {
    if (isSafetensors(target))
        m_writer.emplace<SafetensorsWriter>(target);
    else
        m_writer.emplace<NpzWriter>(target);
}

void StateWriter::add(const std::string& prefix, const StateDict& dict) {
    const auto addAll = [&](auto& writer) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(writer)>, std::monostate>)
            for (const auto& [key, tensor] : dict.entries)
                writer.add(prefix + key, tensor);
    };
    std::visit(addAll, m_writer);
}

void StateWriter::commit() {
    const auto commitIt = [](auto& writer) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(writer)>, std::monostate>)
            writer.commit();
    };
    std::visit(commitIt, m_writer);
}

StateDict buffersOf(const StateDict& dict) {
    StateDict buffers;
    buffers.version = dict.version;
    for (const auto& [key, tensor] : dict.entries)
        if (key == "running_mean" || key == "running_var" || key == "num_batches_tracked")
            buffers.entries.emplace_back(key, tensor);
    return buffers;
}

std::string pythonToLoad(const std::string& file) {
    if (isSafetensors(file))
        return "model.load_state_dict(safetensors.torch.load_file(" + pythonLiteral(file) + "), strict=False)";
    return "model.load_state_dict({k: torch.from_numpy(v) for k, v in numpy.load(" + pythonLiteral(file)
           + ").items()}, strict=False)";
}

}  // namespace bnstudio
