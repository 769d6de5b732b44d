// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/input_file.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bnstudio {

/// Reads a text record by record in one pass over a buffer. A record is a line, or several when a quoted cell holds line
/// breaks. Memory is bounded by the longest record that is accepted.
class RecordReader {
public:
    static constexpr std::size_t maxRecordBytes = std::size_t{64} << 20;

    /// @p onBlock is told the offset in the source before every block that is read.
    RecordReader(const ByteSource& source, std::string where, std::function<void(std::uint64_t)> onBlock);

    /// The next record without its line end, valid until the next call; false at the end. Throws Error(BadInput) for a
    /// record that is too long or whose quotes do not end.
    bool next(std::string_view& record);
    /// The line, counted from 1, on which the last record began.
    std::int64_t line() const { return m_line; }

private:
    bool fill();
    [[noreturn]] void refuseLongRecord() const;

    const ByteSource& m_source;
    std::string m_where;
    std::function<void(std::uint64_t)> m_onBlock;
    std::vector<char> m_buffer;
    std::size_t m_begin = 0, m_end = 0;  // bytes of the buffer that are not yet read
    std::uint64_t m_offset = 0;          // of the next byte in the source
    std::int64_t m_line = 0, m_nextLine = 1;
};

}  // namespace bnstudio
