// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/input_file.h"

#include <cstdint>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

namespace bnstudio {

/// JSON text inside a file, fed to a parser block by block. The parser keeps the token it is reading; this side keeps
/// tokens short, so that memory stays bounded whatever the length of the text.
class JsonBytes {
public:
    static constexpr std::size_t maxTokenBytes = std::size_t{4} << 20;

    /// @p onBlock is told the offset in the source before every block that is read.
    JsonBytes(const ByteSource& source, std::string where, std::uint64_t begin, std::uint64_t end,
              std::function<void(std::uint64_t)> onBlock);

    bool atEnd() const { return m_at == m_block.size(); }
    char current() const { return m_block[m_at]; }
    /// Throws Error(BadInput) when a token is too long or holds a byte that no JSON text has.
    void advance();
    /// Byte of the source that is next.
    std::uint64_t position() const { return m_blockBegin + m_at; }

private:
    void fill(std::uint64_t begin);
    void examine(char c);

    const ByteSource& m_source;
    std::string m_where;
    std::uint64_t m_end, m_blockBegin = 0;
    std::function<void(std::uint64_t)> m_onBlock;
    std::vector<char> m_block;
    std::size_t m_at = 0;
    std::size_t m_tokenBytes = 0;
    bool m_isInString = false, m_isEscaped = false;
};

/// Iterates over JsonBytes; all iterators of one text share its place. The default one is the end.
class JsonByteIterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = char;

    JsonByteIterator() = default;
    explicit JsonByteIterator(JsonBytes& bytes) : m_bytes(&bytes) {}
    char operator*() const { return m_bytes->current(); }
    JsonByteIterator& operator++() {
        m_bytes->advance();
        return *this;
    }
    JsonByteIterator operator++(int) {
        const JsonByteIterator before = *this;
        ++*this;
        return before;
    }
    bool operator==(const JsonByteIterator& other) const { return isAtEnd() == other.isAtEnd(); }

private:
    bool isAtEnd() const { return m_bytes == nullptr || m_bytes->atEnd(); }
    JsonBytes* m_bytes = nullptr;
};

}  // namespace bnstudio
