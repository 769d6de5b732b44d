// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/cell_cursor.h"
#include "core/io/input_file.h"
#include "core/io/number_text.h"
#include "core/io/table_parser.h"
#include "core/io/tensor_file.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace bnstudio {

namespace {

constexpr std::size_t maxLevels = 3;

const std::string& where() {
    static const std::string label = "pasted text";
    return label;
}

class TextBytes : public ByteSource {
public:
    explicit TextBytes(const std::string& text) : m_text(text) {}
    std::uint64_t size() const override { return m_text.size(); }
    void readAt(std::uint64_t offset, std::span<std::byte> out) const override {
        const auto bytes = std::as_bytes(std::span(m_text.data(), m_text.size()));
        std::ranges::copy(bytes.subspan(static_cast<std::size_t>(offset), out.size()), out.begin());
    }

private:
    const std::string& m_text;
};

/// Reads nested lists as Python, NumPy and PyTorch print them: commas are optional, line breaks mean nothing. There is
/// no recursion; a level of brackets is an entry in m_levels.
class NestedList {
public:
    explicit NestedList(std::string_view text) : m_text(text) {}

    Tensor parse() {
        const std::size_t open = m_text.find('[');
        const bool isCall = checkPrefix(trimmed(m_text.substr(0, open)));
        m_at = open;
        do {
            parseToken();
        } while (!m_levels.empty());
        checkRest(isCall);
        return takeTensor();
    }

private:
    /// An open bracket: how many entries it has so far, and whether they are lists or numbers.
    struct Level {
        std::size_t begin = 0;  ///< where its '[' stands
        std::int64_t entries = 0;
        bool afterComma = true;
    };

    void parseToken() {
        skipBlanks();
        if (m_at == m_text.size())
            failAt(m_levels.back().begin, "this '[' is never closed, expected a ']'");
        switch (m_text[m_at]) {
        case '[':
            return openLevel();
        case ']':
            return closeLevel();
        case ',':
            if (m_levels.back().afterComma)
                failAt(m_at, "there is nothing before this comma, expected a number or a list");
            m_levels.back().afterComma = true;
            ++m_at;
            return;
        default:
            return parseNumber();
        }
    }

    void openLevel() {
        if (m_levels.size() == maxLevels)
            failAt(m_at, "more than three levels of brackets, expected two or three");
        if (m_levels.size() + 1 > m_extent.size() && m_isDepthKnown)
            failAt(m_at, "a list where the lists before have numbers");
        if (m_levels.size() + 1 > m_extent.size())
            m_extent.push_back(std::nullopt);
        m_levels.push_back({m_at, 0, true});
        ++m_at;
    }

    void closeLevel() {
        const Level level = m_levels.back();
        std::optional<std::int64_t>& extent = m_extent[m_levels.size() - 1];
        if (level.entries == 0)
            failAt(level.begin, "an empty list, expected values");
        if (extent && *extent != level.entries)
            failAt(level.begin, "this list has " + std::to_string(level.entries) + " entries, expected "
                                    + std::to_string(*extent) + " as in the lists before");
        extent = level.entries;
        m_levels.pop_back();
        ++m_at;
        countEntry();
    }

    void parseNumber() {
        const std::size_t end = std::min(m_text.find_first_of("[], \t\r\n", m_at), m_text.size());
        const std::string_view word = m_text.substr(m_at, end - m_at);
        if (word.starts_with("...") || word.starts_with("\xe2\x80\xa6"))
            failAt(m_at, "the values between are left out (...), expected all of them; "
                         "torch.set_printoptions(threshold=10**9) prints them");
        const auto value = wholeNumber(word, '.');
        if (!value)
            failAt(m_at, inQuotes(word) + " is not a number");
        if (m_isDepthKnown && m_levels.size() != m_extent.size())
            failAt(m_at, "a number where the lists before have lists");
        if (!m_isDepthKnown && m_levels.size() < m_extent.size())
            failAt(m_at, "a number beside a list, expected one or the other");
        m_isDepthKnown = true;
        m_values.push_back(*value);
        m_at = end;
        countEntry();
    }

    void countEntry() {
        if (m_levels.empty())
            return;
        ++m_levels.back().entries;
        m_levels.back().afterComma = false;
    }

    /// Before the list may stand nothing, "x =", or the name of a function such as "tensor(" or "np.array(".
    bool checkPrefix(std::string_view prefix) const {
        static constexpr std::array<std::string_view, 3> names{"tensor(", "Tensor(", "array("};
        const bool isCall =
            std::any_of(names.begin(), names.end(), [prefix](std::string_view name) { return prefix.ends_with(name); });
        if (!prefix.empty() && !isCall && !prefix.ends_with('='))
            failAt(0, inQuotes(prefix) + " stands before the list, expected \"tensor(\" or nothing");
        return isCall;
    }

    /// Behind the list of a call come its options (dtype, device, grad_fn) and the closing bracket.
    void checkRest(bool isCall) const {
        const std::string_view rest = trimmed(m_text.substr(m_at));
        const bool isOptions = isCall && (rest == ")" || (rest.starts_with(',') && rest.ends_with(')')));
        if (isCall && !isOptions)
            failAt(m_at, "expected ')' behind the list");
        if (!isCall && !rest.empty())
            failAt(m_at, inQuotes(rest) + " stands behind the list, expected nothing");
        if (isOptions && rest.find('[') != std::string_view::npos)
            failAt(m_at, "a second list, expected one tensor");
    }

    /// One level of brackets is one row.
    Tensor takeTensor() const {
        Dims shape;
        if (m_extent.size() == 1)
            shape.push_back(1);
        for (const auto& extent : m_extent)
            shape.push_back(extent.value_or(0));
        return Tensor::of<double>(shape, std::span<const double>(m_values));
    }

    void skipBlanks() { m_at = std::min(m_text.find_first_not_of(" \t\r\n", m_at), m_text.size()); }

    [[noreturn]] void failAt(std::size_t at, const std::string& reason) const {
        const std::string_view before = m_text.substr(0, at);
        const auto line = 1 + std::count(before.begin(), before.end(), '\n');
        const std::size_t lineBegin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
        refuse(where(),
               "line " + std::to_string(line) + ", column " + std::to_string(at - lineBegin + 1) + ": " + reason);
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    std::vector<Level> m_levels;
    std::vector<std::optional<std::int64_t>> m_extent;  // of each level, as soon as its first list is closed
    bool m_isDepthKnown = false;                        // since the first number
    std::vector<double> m_values;
};

Tensor parseTableText(const std::string& text) {
    ParsedTable table = parseTable(TextBytes(text), where(), {}, {});
    if (!table.textColumns.empty())
        refuse(where(), "the column " + inQuotes(table.textColumns.front()) + " holds text, expected numbers only");
    return std::move(table.values);
}

}  // namespace

Tensor parsePastedTensor(const std::string& text) {
    if (trimmed(text).empty())
        refuse(where(), "line 1, column 1: there is nothing, expected a table or a list of numbers");
    return text.find('[') != std::string::npos ? NestedList(text).parse() : parseTableText(text);
}

}  // namespace bnstudio
