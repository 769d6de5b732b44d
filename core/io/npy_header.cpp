// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/npy_header.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <vector>

namespace bnstudio {

namespace {

constexpr std::size_t maxHeaderBytes = 10'000;  // NumPy's own limit
constexpr std::size_t maxAxes = 8;

/// Walks over the Python dictionary of a header. It knows no recursion: the only nested value that is accepted is a
/// flat tuple of integers.
class HeaderParser {
public:
    HeaderParser(std::string_view text, std::uint64_t textOffset, const std::string& where)
        : m_text(text), m_textOffset(textOffset), m_where(where) {}

    NpyHeader parse() {
        expect('{', "the '{' of a dictionary");
        while (!accept('}')) {
            parseEntry();
            if (!accept(',') && peek() != '}') {
                fail("',' or '}'");
            }
        }
        skipBlanks();
        if (m_at != m_text.size()) {
            fail("nothing but blanks after the dictionary");
        }
        requireKey(m_hasDescr, "descr");
        requireKey(m_hasOrder, "fortran_order");
        requireKey(m_hasShape, "shape");
        return std::move(m_header);
    }

private:
    void parseEntry() {
        const std::string_view key = parseString();
        expect(':', "':'");
        if (key == "descr") {
            claim(m_hasDescr, key);
            parseDescr();
        } else if (key == "fortran_order") {
            claim(m_hasOrder, key);
            m_header.fortranOrder = parseBool();
        } else if (key == "shape") {
            claim(m_hasShape, key);
            parseShape();
        } else {
            refuse(m_where, "the header has the unknown key '" + printable(key)
                                + "', expected descr, fortran_order and shape only");
        }
    }

    void claim(bool& seen, std::string_view key) {
        if (seen) {
            refuse(m_where, "the header has the key '" + std::string(key) + "' twice, expected it once");
        }
        seen = true;
    }

    void requireKey(bool seen, const char* key) {
        if (!seen) {
            refuse(m_where,
                   std::string("the header lacks the key '") + key + "', expected descr, fortran_order and shape");
        }
    }

    void parseDescr() {
        skipBlanks();
        if (peek() == '[' || peek() == '(' || peek() == '{') {
            refuse(m_where, "holds records (a structured dtype), which are not read; expected plain numbers");
        }
        const std::string_view descr = parseString();
        const bool hasOrder = !descr.empty() && std::string_view("<>|=").find(descr[0]) != std::string_view::npos;
        const std::string_view kindAndSize = hasOrder ? descr.substr(1) : descr;
        std::size_t size = 0;
        const char* const end = kindAndSize.data() + kindAndSize.size();
        const bool hasSize = kindAndSize.size() > 1 && std::from_chars(kindAndSize.data() + 1, end, size).ptr == end
                             && kindAndSize.size() < 9;
        m_header.bigEndian = hasOrder && descr[0] == '>';
        m_header.dtype = hasSize ? numberType(kindAndSize[0], size) : std::nullopt;
        if (!m_header.dtype) {
            m_header.unsupported = describeUnsupported(descr, kindAndSize.empty() ? '?' : kindAndSize[0]);
            m_header.textCharacters = hasSize && kindAndSize[0] == 'U' ? size : 0;
        }
    }

    static std::optional<DType> numberType(char kind, std::size_t size) {
        struct Entry {
            char kind;
            std::size_t size;
            DType dtype;
        };
        static constexpr std::array<Entry, 12> entries{{{'f', 2, DType::Float16},
                                                        {'f', 4, DType::Float32},
                                                        {'f', 8, DType::Float64},
                                                        {'i', 1, DType::Int8},
                                                        {'i', 2, DType::Int16},
                                                        {'i', 4, DType::Int32},
                                                        {'i', 8, DType::Int64},
                                                        {'u', 1, DType::UInt8},
                                                        {'u', 2, DType::UInt16},
                                                        {'u', 4, DType::UInt32},
                                                        {'u', 8, DType::UInt64},
                                                        {'b', 1, DType::Bool}}};
        const auto* const found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) {
            return entry.kind == kind && entry.size == size;
        });
        return found == entries.end() ? std::nullopt : std::optional(found->dtype);
    }

    static std::string describeUnsupported(std::string_view descr, char kind) {
        const std::string shown = " (" + printable(descr) + ")";
        switch (kind) {
        case 'O':
            return "holds Python objects (a pickle), which is not read";
        case 'c':
            return "holds complex numbers" + shown + ", which are not read";
        case 'M':
        case 'm':
            return "holds dates or times" + shown + ", which are not read";
        case 'U':
        case 'S':
        case 'a':
            return "holds text" + shown + ", which is not read as numbers";
        case 'V':
            return "holds raw bytes" + shown + ", which are not read; if they are bfloat16, save them as float32";
        default:
            return "has elements of type '" + printable(descr)
                   + "', expected f2, f4, f8, i1 to i8, u1 to u8 or b1 with <, >, | or = before it";
        }
    }

    bool parseBool() {
        skipBlanks();
        for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true}, {"False", false}}) {
            if (m_text.substr(m_at, word.size()) == word) {
                m_at += word.size();
                return value;
            }
        }
        fail("True or False");
    }

    void parseShape() {
        expect('(', "the '(' of a tuple");
        bool endsInComma = true;
        while (!accept(')')) {
            if (!endsInComma) {
                fail("',' or ')'");
            }
            if (m_header.shape.size() == maxAxes) {
                refuse(m_where, "the shape has more than 8 axes, expected at most 8");
            }
            m_header.shape.push_back(parseDimension());
            endsInComma = accept(',');
        }
        if (m_header.shape.size() == 1 && !endsInComma) {
            fail("',' after the only axis of a tuple");
        }
    }

    std::int64_t parseDimension() {
        skipBlanks();
        if (peek() == '-') {
            refuse(m_where, "the shape has a negative axis ("
                                + printable(m_text.substr(m_at, m_text.find_first_of(",)", m_at) - m_at))
                                + "), expected 0 or more");
        }
        std::int64_t value = 0;
        const char* const begin = m_text.data() + m_at;
        const auto [end, error] = std::from_chars(begin, m_text.data() + m_text.size(), value);
        if (error == std::errc::result_out_of_range) {
            refuse(m_where, "an axis of the shape is larger than 2^63 - 1");
        }
        if (error != std::errc()) {
            fail("an integer");
        }
        m_at += static_cast<std::size_t>(end - begin);
        if (m_at < m_text.size() && m_text[m_at] == 'L') {  // a long integer, as Python 2 wrote it
            ++m_at;
        }
        return value;
    }

    std::string_view parseString() {
        skipBlanks();
        const char quote = peek();
        if (quote != '\'' && quote != '"') {
            fail("a quoted string");
        }
        const std::size_t begin = m_at + 1;
        const std::size_t end = m_text.find(quote, begin);
        if (end == std::string_view::npos) {
            fail("a string that ends");
        }
        const std::string_view content = m_text.substr(begin, end - begin);
        if (content.find('\\') != std::string_view::npos) {
            fail("a string without escapes");
        }
        m_at = end + 1;
        return content;
    }

    void skipBlanks() {
        while (m_at < m_text.size() && std::string_view(" \t\r\n\f\v").find(m_text[m_at]) != std::string_view::npos) {
            ++m_at;
        }
    }
    char peek() const { return m_at < m_text.size() ? m_text[m_at] : '\0'; }
    bool accept(char wanted) {
        skipBlanks();
        if (m_at == m_text.size() || m_text[m_at] != wanted) {
            return false;
        }
        ++m_at;
        return true;
    }
    void expect(char wanted, const char* meaning) {
        if (!accept(wanted)) {
            fail(meaning);
        }
    }
    [[noreturn]] void fail(const std::string& expected) const {
        const std::string found =
            m_at < m_text.size() ? "'" + printable(m_text.substr(m_at, 1)) + "'" : std::string("its end");
        refuse(m_where, "the header is damaged at byte " + std::to_string(m_textOffset + m_at) + ": found " + found
                            + ", expected " + expected);
    }

    std::string_view m_text;
    std::uint64_t m_textOffset;
    const std::string& m_where;
    std::size_t m_at = 0;
    bool m_hasDescr = false, m_hasOrder = false, m_hasShape = false;
    NpyHeader m_header;
};

template <std::size_t bytes>
std::uint64_t littleEndian(const std::array<std::byte, bytes>& raw) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
        value |= std::to_integer<std::uint64_t>(raw[i]) << (8 * i);
    }
    return value;
}

}  // namespace

NpyHeader readNpyHeader(const ByteSource& source, const std::string& where) {
    std::array<std::byte, 8> start{};
    if (source.size() < 10) {
        refuse(where, "has only " + std::to_string(source.size()) + " bytes, too few for a NumPy array");
    }
    source.readAt(0, start);
    if (std::string_view(reinterpret_cast<const char*>(start.data()), npyMagic.size()) != npyMagic) {
        refuse(where, "is no NumPy array: it does not start with \\x93NUMPY");
    }
    const int major = std::to_integer<int>(start[6]);
    if (major < 1 || major > 3) {
        refuse(where, "is written in version " + std::to_string(major) + "."
                          + std::to_string(std::to_integer<int>(start[7]))
                          + " of the format at byte 6, expected 1 to 3");
    }
    std::array<std::byte, 2> shortLength{};
    std::array<std::byte, 4> longLength{};
    std::uint64_t length = 0;
    if (major == 1) {
        source.readAt(8, shortLength);
        length = littleEndian(shortLength);
    } else {
        if (source.size() < 12) {
            refuse(where, "ends inside its header, at byte " + std::to_string(source.size()));
        }
        source.readAt(8, longLength);
        length = littleEndian(longLength);
    }
    const std::uint64_t textOffset = major == 1 ? 10 : 12;
    if (length > source.size() - textOffset) {
        refuse(where, "the header length at byte 8 is " + std::to_string(length) + ", but only "
                          + std::to_string(source.size() - textOffset) + " bytes follow");
    }
    if (length > maxHeaderBytes) {
        refuse(where, "the header length at byte 8 is " + std::to_string(length) + ", expected at most "
                          + std::to_string(maxHeaderBytes));
    }
    std::string text(static_cast<std::size_t>(length), '\0');
    source.readAt(textOffset, std::as_writable_bytes(std::span(text.data(), text.size())));
    NpyHeader header = HeaderParser(text, textOffset, where).parse();
    header.dataOffset = textOffset + length;
    return header;
}

}  // namespace bnstudio
