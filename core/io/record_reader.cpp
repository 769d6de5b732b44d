// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/record_reader.h"

#include <algorithm>
#include <cstring>

namespace bnstudio {

namespace {

constexpr std::size_t blockBytes = std::size_t{1} << 20;
constexpr std::string_view byteOrderMark = "\xef\xbb\xbf";

std::ptrdiff_t countOf(char wanted, const char* begin, const char* end) {
    // Most lines have no quotes at all, which memchr sees faster than a count does.
    return std::memchr(begin, wanted, static_cast<std::size_t>(end - begin)) ? std::count(begin, end, wanted) : 0;
}

}  // namespace

RecordReader::RecordReader(const ByteSource& source, std::string where, std::function<void(std::uint64_t)> onBlock)
    : m_source(source), m_where(std::move(where)), m_onBlock(std::move(onBlock)) {
    fill();
    const std::string_view start(m_buffer.data(), m_end);
    if (start.starts_with(byteOrderMark))
        m_begin = byteOrderMark.size();
    if (start.starts_with("\xff\xfe") || start.starts_with("\xfe\xff"))
        refuse(m_where, "is UTF-16 text (row 1, column 1), expected UTF-8");
}

bool RecordReader::fill() {
    if (m_offset == m_source.size())
        return false;
    m_onBlock(m_offset);
    std::move(m_buffer.begin() + static_cast<std::ptrdiff_t>(m_begin),
              m_buffer.begin() + static_cast<std::ptrdiff_t>(m_end), m_buffer.begin());
    m_end -= m_begin;
    m_begin = 0;
    if (m_end > maxRecordBytes)
        refuseLongRecord();
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(blockBytes, m_source.size() - m_offset));
    if (m_buffer.size() < m_end + wanted) {
        // Twice the size each time, but no more than the longest record that is accepted asks for.
        const std::size_t size = std::max(m_end + wanted, std::min(2 * m_buffer.size(), maxRecordBytes + blockBytes));
        m_buffer.reserve(size);  // resize() alone would round it up
        m_buffer.resize(size);
    }
    m_source.readAt(m_offset, std::as_writable_bytes(std::span(m_buffer).subspan(m_end, wanted)));
    m_offset += wanted;
    m_end += wanted;
    return true;
}

bool RecordReader::next(std::string_view& record) {
    m_line = m_nextLine;
    std::size_t scanned = m_begin;  // up to here there is no line end outside quotes
    bool isInsideQuotes = false;
    for (;;) {
        const char* const bytes = m_buffer.data();
        const auto* const found =
            static_cast<const char*>(scanned < m_end ? std::memchr(bytes + scanned, '\n', m_end - scanned) : nullptr);
        const std::size_t lineEnd = found ? static_cast<std::size_t>(found - bytes) : m_end;
        if (countOf('"', bytes + scanned, bytes + lineEnd) % 2 != 0)
            isInsideQuotes = !isInsideQuotes;
        scanned = lineEnd;
        if (found) {
            ++m_nextLine;
            ++scanned;
        }
        if (found && !isInsideQuotes) {
            record = {bytes + m_begin, lineEnd - m_begin};
            m_begin = scanned;
            break;
        }
        const std::size_t kept = scanned - m_begin;
        if (scanned == m_end && !fill()) {
            if (isInsideQuotes)
                refuse(m_where, "row " + std::to_string(m_line) + ": a quoted cell does not end, expected a second \"");
            if (m_begin == m_end)
                return false;
            record = {m_buffer.data() + m_begin, m_end - m_begin};
            m_begin = m_end;
            break;
        }
        scanned = m_begin + kept;
    }
    if (record.ends_with('\r'))
        record.remove_suffix(1);
    // Within quotes it belongs to the text. Anywhere else the lines of the file end with it alone.
    if (record.find('\r') != std::string_view::npos && record.find('"') == std::string_view::npos)
        refuse(m_where, "row " + std::to_string(m_line)
                            + ": a carriage return without a line feed, expected lines that end with LF or CR LF");
    return true;
}

void RecordReader::refuseLongRecord() const {
    const char* const bytes = m_buffer.data();
    const auto delimiters =
        std::count_if(bytes, bytes + m_end, [](char c) { return c == ',' || c == ';' || c == '\t'; });
    refuse(m_where, "row " + std::to_string(m_line) + " is longer than 64 MiB (it goes on after column "
                        + std::to_string(delimiters + 1) + "), expected shorter rows");
}

}  // namespace bnstudio
