// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bnstudio {

/// What stands between the cells of a row: ',', ';' or a tab; or any run of blanks; or nothing, for a single column.
enum class Delimiter : char { Comma = ',', Semicolon = ';', Tab = '\t', Blanks = ' ', None = '\0' };

/// Walks over the cells of one record of a table (RFC 4180: cells may stand in double quotes, a quote inside is
/// doubled). Blanks around a cell do not belong to it.
class CellCursor {
public:
    CellCursor(std::string_view record, Delimiter delimiter);

    /// Whether there is a further cell. A record has at least one, if an empty one.
    bool hasCell() const { return m_hasCell; }
    /// The next cell, when it is a number with nothing behind it. Else the cursor stays.
    bool takeNumber(char decimalMark, double& value);
    /// The number that was taken, as it was written.
    std::string_view numberText() const { return m_number; }
    /// The next cell, without quotes. Valid until the next call.
    std::string_view takeText();
    /// False after a cell whose closing quote is missing or is followed by more text.
    bool isWellQuoted() const { return m_wellQuoted; }

private:
    bool isBlank(char c) const { return c == ' ' || (c == '\t' && m_delimiter != Delimiter::Tab); }
    const char* skipBlanks(const char* at) const {
        while (at != m_end && isBlank(*at))
            ++at;
        return at;
    }
    bool endsCell(const char* cellEnd, const char* at) const;
    void moveBehind(const char* at);
    std::string_view takeQuoted(const char* at);

    const char* m_at;
    const char* m_end;
    Delimiter m_delimiter;
    bool m_hasCell = true;
    bool m_wellQuoted = true;
    std::string_view m_number;
    std::string m_unquoted;
};

/// Whether a decimal comma cannot be mistaken for what separates the cells, or for a thousand's mark.
constexpr bool allowsDecimalComma(Delimiter delimiter) {
    return delimiter == Delimiter::Semicolon || delimiter == Delimiter::Tab || delimiter == Delimiter::Blanks;
}
/// Whether a cell is a number, with a decimal point or, where it is allowed, a comma.
bool isNumberCell(std::string_view cell, Delimiter delimiter);
/// All cells of a record.
std::vector<std::string> splitCells(std::string_view record, Delimiter delimiter);
/// Guesses the delimiter from the first lines: the one that gives every line the same number of cells, and the most
/// numbers among them.
Delimiter detectDelimiter(std::string_view firstLines);

}  // namespace bnstudio
