// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/json_bytes.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

namespace bnstudio {

namespace {

constexpr std::uint64_t blockBytes = std::uint64_t{64} << 10;
// Blanks are not among them: nlohmann's lexer keeps those in front of a token as well.
constexpr std::string_view betweenTokens = "{}[],:";

}  // namespace

JsonBytes::JsonBytes(const ByteSource& source, std::string where, std::uint64_t begin, std::uint64_t end,
                     std::function<void(std::uint64_t)> onBlock)
    : m_source(source), m_where(std::move(where)), m_end(end), m_onBlock(std::move(onBlock)) {
    fill(begin);
}

void JsonBytes::fill(std::uint64_t begin) {
    m_onBlock(begin);
    m_block.resize(static_cast<std::size_t>(std::min(blockBytes, m_end - begin)));
    m_source.readAt(begin, std::as_writable_bytes(std::span(m_block)));
    m_blockBegin = begin;
    m_at = 0;
}

void JsonBytes::advance() {
    examine(m_block[m_at]);
    ++m_at;
    if (atEnd() && position() < m_end)
        fill(position());
}

void JsonBytes::examine(char c) {
    const auto byte = static_cast<unsigned char>(c);
    // nlohmann's lexer takes a NUL for the end of the text and would not see what follows it.
    if (byte < 0x20 && c != '\t' && c != '\r' && c != '\n')
        refuse(m_where, "byte " + std::to_string(position()) + " of the header is the control character "
                            + std::to_string(byte) + ", expected JSON");
    if (!m_isInString && betweenTokens.find(c) != std::string_view::npos)
        m_tokenBytes = 0;
    else if (++m_tokenBytes > maxTokenBytes)
        refuse(m_where, "byte " + std::to_string(position())
                            + " of the header lies in a text, number or blank of more than 4 MiB, expected less");
    if (m_isEscaped)
        m_isEscaped = false;
    else if (m_isInString && c == '\\')
        m_isEscaped = true;
    else if (c == '"')
        m_isInString = !m_isInString;
}

}  // namespace bnstudio
