// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/cell_cursor.h"

#include "core/io/number_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace bnstudio {

CellCursor::CellCursor(std::string_view record, Delimiter delimiter)
    : m_at(record.data()), m_end(record.data() + record.size()), m_delimiter(delimiter) {
    if (delimiter == Delimiter::Blanks) {
        m_at = skipBlanks(m_at);
        while (m_end != m_at && isBlank(m_end[-1]))
            --m_end;
    }
}

/// Whether a cell that stops at @p cellEnd, with blanks up to @p at, is complete there.
bool CellCursor::endsCell(const char* cellEnd, const char* at) const {
    if (at == m_end)
        return true;
    return m_delimiter == Delimiter::Blanks ? at != cellEnd : *at == static_cast<char>(m_delimiter);
}

void CellCursor::moveBehind(const char* at) {
    m_hasCell = at != m_end;
    m_at = m_hasCell && m_delimiter != Delimiter::Blanks ? at + 1 : at;
}

bool CellCursor::takeNumber(char decimalMark, double& value) {
    const char* const begin = skipBlanks(m_at);
    const char* const numberEnd = readNumber(begin, m_end, decimalMark, value);
    if (!numberEnd)
        return false;
    const char* const at = skipBlanks(numberEnd);
    if (!endsCell(numberEnd, at))
        return false;
    m_number = {begin, static_cast<std::size_t>(numberEnd - begin)};
    moveBehind(at);
    return true;
}

std::string_view CellCursor::takeText() {
    const char* const begin = skipBlanks(m_at);
    if (begin != m_end && *begin == '"')
        return takeQuoted(begin + 1);
    const char* end = begin;
    if (m_delimiter == Delimiter::Blanks)
        end = std::find_if(begin, m_end, [this](char c) { return isBlank(c); });
    else if (m_delimiter == Delimiter::None)
        end = m_end;
    else
        end = std::find(begin, m_end, static_cast<char>(m_delimiter));
    moveBehind(skipBlanks(end));
    return trimmed({begin, static_cast<std::size_t>(end - begin)});
}

std::string_view CellCursor::takeQuoted(const char* at) {
    m_unquoted.clear();
    for (;;) {
        const char* const quote = std::find(at, m_end, '"');
        m_unquoted.append(at, quote);
        at = quote == m_end ? m_end : quote + 1;
        if (quote == m_end) {
            m_wellQuoted = false;
            break;
        }
        if (at == m_end || *at != '"')
            break;
        m_unquoted += '"';
        ++at;
    }
    const char* const after = skipBlanks(at);
    if (!endsCell(at, after))
        m_wellQuoted = false;
    moveBehind(m_wellQuoted ? after : m_end);
    return m_unquoted;
}

std::vector<std::string> splitCells(std::string_view record, Delimiter delimiter) {
    std::vector<std::string> cells;
    CellCursor cursor(record, delimiter);
    while (cursor.hasCell())
        cells.emplace_back(cursor.takeText());
    return cells;
}

bool isNumberCell(std::string_view cell, Delimiter delimiter) {
    return wholeNumber(cell, '.') || (allowsDecimalComma(delimiter) && wholeNumber(cell, ','));
}

namespace {

/// How well a delimiter fits the first lines.
struct Fit {
    bool isConsistent = true;  ///< every line has the same number of cells
    std::size_t columns = 0;   ///< of the first line
    double numbers = 0;        ///< share of the cells that are numbers, the first line of several (a header) apart
};

Fit fitOf(Delimiter delimiter, const std::vector<std::string_view>& lines) {
    Fit fit;
    std::size_t cells = 0, numbers = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        CellCursor cursor(lines[i], delimiter);
        std::size_t columns = 0;
        while (cursor.hasCell()) {
            const bool counts = i > 0 || lines.size() == 1;
            numbers += isNumberCell(cursor.takeText(), delimiter) && counts ? 1 : 0;
            cells += counts ? 1 : 0;
            ++columns;
        }
        if (i == 0)
            fit.columns = columns;
        fit.isConsistent = fit.isConsistent && columns == fit.columns;
    }
    fit.numbers = cells == 0 ? 0 : static_cast<double>(numbers) / static_cast<double>(cells);
    return fit;
}

std::vector<std::string_view> tableLines(std::string_view text, std::size_t limit) {
    std::vector<std::string_view> lines;
    while (!text.empty() && lines.size() < limit) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, end));
        // A line that is cut off or whose quoted cell goes on says nothing about the number of cells.
        const bool isWhole = end < text.size() || lines.empty();
        if (!line.empty() && line[0] != '#' && isWhole && std::count(line.begin(), line.end(), '"') % 2 == 0)
            lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// A single column may have a name with delimiters in it, but not a first row of several numbers.
bool isSingleColumn(const std::vector<std::string_view>& lines, std::span<const Delimiter> candidates) {
    const bool startsWithNumbers = std::any_of(candidates.begin(), candidates.end(), [&](Delimiter delimiter) {
        const std::vector<std::string> cells = splitCells(lines.front(), delimiter);
        return cells.size() > 1 && std::any_of(cells.begin(), cells.end(), [delimiter](const std::string& cell) {
                   return isNumberCell(cell, delimiter);
               });
    });
    return !startsWithNumbers && fitOf(Delimiter::None, lines).numbers > 0.5;
}

}  // namespace

Delimiter detectDelimiter(std::string_view firstLines) {
    constexpr std::size_t linesLookedAt = 20;
    constexpr std::array candidates{Delimiter::Tab, Delimiter::Semicolon, Delimiter::Comma, Delimiter::Blanks};
    std::vector<std::string_view> lines = tableLines(firstLines, linesLookedAt);
    for (std::string_view& line : lines)
        if (line.ends_with('\r'))
            line.remove_suffix(1);
    Delimiter best = Delimiter::None;
    double bestNumbers = -1;
    for (const Delimiter delimiter : candidates) {
        const Fit fit = fitOf(delimiter, lines);
        if (fit.isConsistent && fit.columns > 1 && fit.numbers > bestNumbers) {
            best = delimiter;
            bestNumbers = fit.numbers;
        }
    }
    if (lines.empty() || best != Delimiter::None || isSingleColumn(lines, candidates))
        return best;
    // No delimiter fits every line: one that splits the first line lets the parser name the line that is different.
    for (const Delimiter delimiter : candidates) {
        const Fit fit = fitOf(delimiter, lines);
        if (fit.columns > 1 && fit.numbers > bestNumbers) {
            best = delimiter;
            bestNumbers = fit.numbers;
        }
    }
    return best;
}

}  // namespace bnstudio
