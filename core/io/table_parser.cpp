// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/table_parser.h"

#include "core/error.h"
#include "core/io/cell_cursor.h"
#include "core/io/number_text.h"
#include "core/io/record_reader.h"
#include "core/io/table_columns.h"
#include "core/io/text_encoding.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace bnstudio {

namespace {

constexpr std::size_t maxColumns = 1'000'000;
constexpr std::int64_t maxValues = std::int64_t{1} << 28;
constexpr std::size_t sampleBytes = std::size_t{1} << 20;
// From here on (the largest float and half a unit of its last place) rounding to float32 gives infinity.
constexpr double float32Limit = 0x1.ffffffp127;

/// Whether a first row names the columns: texts and no number at all; or pandas' unnamed index column followed by
/// columns that are named 0, 1, 2, …
bool isHeader(const std::vector<std::string>& cells, Delimiter delimiter) {
    const auto isNumber = [delimiter](const std::string& cell) { return isNumberCell(cell, delimiter); };
    bool isNumbered = cells.size() > 1 && cells[0].empty();
    for (std::size_t i = 1; i < cells.size() && isNumbered; ++i)
        isNumbered = cells[i] == std::to_string(i - 1);
    return isNumbered
           || (std::none_of(cells.begin(), cells.end(), isNumber)
               && !std::all_of(cells.begin(), cells.end(),
                               [](const std::string& cell) { return isMissingWord(cell); }));
}

/// Values that are read, but that the user should know of.
struct UnusualValues {
    std::int64_t infinite = 0;       ///< written as inf
    std::int64_t overflows = 0;      ///< written in digits, beyond float64
    std::int64_t beyondFloat32 = 0;  ///< finite, but infinite once the layer computes in float32
};

class TableParser {
public:
    TableParser(const ByteSource& source, const std::string& where, const Progress& progress, std::stop_token stop)
        : m_where(where),
          m_delimiter(detectDelimiter(readSample(source))),
          m_records(source, where, [this, &source, &progress, stop](std::uint64_t offset) {
              if (stop.stop_requested())
                  throw Error(ErrorCode::Cancelled, m_where + ": reading was cancelled");
              if (progress)
                  progress(static_cast<double>(offset) / static_cast<double>(source.size()));
          }) {}

    ParsedTable parse() {
        std::string_view record;
        while (m_records.next(record)) {
            const std::string_view text = trimmed(record);
            const bool isBlankLine =
                text.empty() && (m_delimiter != Delimiter::Tab || record.find('\t') == std::string_view::npos);
            if (isBlankLine)
                continue;
            if (!text.empty() && text[0] == '#') {
                if (m_kinds.empty())
                    m_lastComment = text.substr(1);
            } else if (!m_kinds.empty() || !takeHeader(record)) {
                parseRow(record);
            }
        }
        return finish();
    }

private:
    static std::string readSample(const ByteSource& source) {
        std::string sample(static_cast<std::size_t>(std::min<std::uint64_t>(source.size(), sampleBytes)), '\0');
        source.readAt(0, std::as_writable_bytes(std::span(sample.data(), sample.size())));
        return sample;
    }

    bool takeHeader(std::string_view record);
    void parseRow(std::string_view record);
    void acceptNumber(double value, std::string_view text, std::size_t column);
    double readText(CellCursor& cursor, std::size_t column);
    double readOtherMark(double value, std::size_t column, std::string_view text);
    void decide(std::size_t column, ColumnKind::Kind kind, std::string_view text);
    void countUnusual(double value, std::string_view text, std::size_t column);
    ParsedTable finish();
    void nameColumns(ParsedTable& table) const;
    void addNotes(ParsedTable& table) const;
    void noteIndexColumn(ParsedTable& table, std::size_t firstKept) const;

    CellPlace place(std::size_t column) const { return {m_records.line(), column + 1}; }
    [[noreturn]] void refuseAt(const CellPlace& at, const std::string& reason) const {
        refuse(m_where, at.text() + ": " + reason);
    }
    [[noreturn]] void refuseRagged(std::string_view record) const;
    std::string_view takeChecked(CellCursor& cursor, std::size_t column) const;

    std::string m_where;
    Delimiter m_delimiter;
    RecordReader m_records;
    std::string m_lastComment;
    std::int64_t m_firstRow = 0;
    bool m_hasHeader = false;
    std::vector<std::string> m_names;
    std::vector<ColumnKind> m_kinds;
    std::optional<RowStore> m_store;
    char m_decimalMark = '.';
    CellPlace m_firstFraction;  // of a number with that mark, row 0 as long as there is none
    UnusualValues m_unusual;
};

/// Called for the first row: sets the number of columns; true when the row names them.
bool TableParser::takeHeader(std::string_view record) {
    CellCursor cursor(record, m_delimiter);
    while (cursor.hasCell()) {
        if (m_names.size() == maxColumns)
            refuseAt(place(maxColumns), "is too far to the right, expected at most 1,000,000 columns");
        m_names.emplace_back(takeChecked(cursor, m_names.size()));
    }
    m_firstRow = m_records.line();
    m_kinds.resize(m_names.size());
    m_store.emplace(m_names.size());
    m_hasHeader = isHeader(m_names, m_delimiter);
    if (m_hasHeader)
        return true;
    std::vector<std::string> comment = splitCells(trimmed(m_lastComment), m_delimiter);
    const bool commentNames = comment.size() == m_kinds.size() && isHeader(comment, m_delimiter);
    m_names = commentNames ? std::move(comment) : std::vector<std::string>(m_kinds.size());
    return false;
}

void TableParser::parseRow(std::string_view record) {
    if ((m_store->rows() + 1) * static_cast<std::int64_t>(m_kinds.size()) > maxValues)
        refuseAt(place(0), "is beyond 2^28 values; expected a smaller table, or a .npy file, which is read in pieces");
    double* const values = m_store->addRow();
    CellCursor cursor(record, m_delimiter);
    std::size_t column = 0;
    for (; cursor.hasCell(); ++column) {
        if (column == m_kinds.size())
            refuseRagged(record);
        if (cursor.takeNumber(m_decimalMark, values[column]))
            acceptNumber(values[column], cursor.numberText(), column);
        else
            values[column] = readText(cursor, column);
    }
    if (column != m_kinds.size())
        refuseRagged(record);
}

void TableParser::acceptNumber(double value, std::string_view text, std::size_t column) {
    if (m_firstFraction.row == 0 && text.find(m_decimalMark) != std::string_view::npos)
        m_firstFraction = place(column);
    if (!(std::fabs(value) < float32Limit))
        countUnusual(value, text, column);
    else if (m_kinds[column].kind != ColumnKind::Numbers)
        decide(column, ColumnKind::Numbers, text);
}

double TableParser::readText(CellCursor& cursor, std::size_t column) {
    const std::string_view text = takeChecked(cursor, column);
    if (const auto value = wholeNumber(text, m_decimalMark)) {  // a number in quotes
        acceptNumber(*value, text, column);
        return *value;
    }
    // Between commas a quoted "1,234" is as likely to be a thousand as a fraction, so it stays text there.
    const auto otherMarked =
        allowsDecimalComma(m_delimiter) ? wholeNumber(text, m_decimalMark == '.' ? ',' : '.') : std::nullopt;
    if (otherMarked)
        return readOtherMark(*otherMarked, column, text);
    if (text.empty())
        ++m_kinds[column].emptyCells;
    else if (isMissingWord(text))
        ++m_kinds[column].missingWords;
    else
        decide(column, ColumnKind::Text, text);
    return std::numeric_limits<double>::quiet_NaN();
}

double TableParser::readOtherMark(double value, std::size_t column, std::string_view text) {
    if (m_firstFraction.row != 0)
        refuseAt(place(column), inQuotes(text) + " has another decimal mark than " + m_firstFraction.text()
                                    + ", expected the same mark everywhere");
    m_decimalMark = m_decimalMark == '.' ? ',' : '.';
    acceptNumber(value, text, column);
    return value;
}

void TableParser::decide(std::size_t column, ColumnKind::Kind kind, std::string_view text) {
    ColumnKind& known = m_kinds[column];
    if (known.kind == kind)
        return;
    if (known.kind == ColumnKind::Text)
        refuseAt({known.firstRow, column + 1}, inQuotes(known.firstText) + " is not a number, but row "
                                                   + std::to_string(m_records.line()) + " of this column holds one");
    if (known.kind == ColumnKind::Numbers)
        refuseAt(place(column), inQuotes(text) + " is not a number, as the cells above it are");
    known.kind = kind;
    known.firstRow = m_records.line();
    if (kind == ColumnKind::Text)
        known.firstText = text.substr(0, 64);
}

void TableParser::countUnusual(double value, std::string_view text, std::size_t column) {
    if (std::isnan(value)) {
        ++m_kinds[column].missingWords;
        return;
    }
    decide(column, ColumnKind::Numbers, text);
    const bool isWritten = text.find_first_of("0123456789") != std::string_view::npos;
    ++(std::isfinite(value) ? m_unusual.beyondFloat32 : isWritten ? m_unusual.overflows : m_unusual.infinite);
}

std::string_view TableParser::takeChecked(CellCursor& cursor, std::size_t column) const {
    const std::string_view text = cursor.takeText();
    if (text.find('\0') != std::string_view::npos)
        refuseAt(place(column), "holds a NUL byte, expected text");
    if (!cursor.isWellQuoted())
        refuseAt(place(column), "goes on after its closing quote, expected the end of the cell");
    return text;
}

void TableParser::refuseRagged(std::string_view record) const {
    std::size_t cells = 0;
    for (CellCursor cursor(record, m_delimiter); cursor.hasCell() && cells <= maxColumns; ++cells)
        cursor.takeText();
    refuseAt(place(std::min(cells, m_kinds.size())),
             "the row has " + std::to_string(cells) + (cells == 1 ? " cell" : " cells") + ", expected "
                 + std::to_string(m_kinds.size()) + " as in row " + std::to_string(m_firstRow));
}

ParsedTable TableParser::finish() {
    if (m_kinds.empty())
        refuse(m_where, "row 1, column 1: holds no table, expected rows of numbers");
    if (m_store->rows() == 0)
        refuseAt({m_firstRow + 1, 1}, "is missing: only names of columns are there, expected rows of numbers");
    ParsedTable table;
    nameColumns(table);
    const std::vector<std::string> names = uniqueColumnNames(table.columns);
    table.columns.clear();
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < m_kinds.size(); ++i) {
        if (m_kinds[i].kind == ColumnKind::Text)
            table.textColumns.push_back(names[i]);
        else if (m_kinds[i].isKept())
            kept.push_back(i), table.columns.push_back(names[i]);
        else
            table.notes.push_back(inQuotes(names[i]) + " is empty in every row; it was left out");
    }
    if (kept.empty())
        refuseAt({m_kinds[0].firstRow, 1},
                 (m_kinds[0].firstText.empty() ? "" : inQuotes(m_kinds[0].firstText) + " is not a number; ")
                     + std::string("no column holds numbers, expected at least one"));
    table.values = m_store->takeColumns(kept);
    addNotes(table);
    noteIndexColumn(table, kept.front());
    return table;
}

/// The names as UTF-8.
void TableParser::nameColumns(ParsedTable& table) const {
    table.columns = m_names;
    if (std::all_of(m_names.begin(), m_names.end(), isUtf8))
        return;
    std::transform(m_names.begin(), m_names.end(), table.columns.begin(), latin1ToUtf8);
    table.notes.push_back("the names of the columns are no UTF-8 and were read as Latin-1");
}

void TableParser::addNotes(ParsedTable& table) const {
    const auto note = [&table](std::int64_t count, const char* one, const char* many) {
        if (count > 0)
            table.notes.push_back(std::to_string(count) + (count == 1 ? one : many));
    };
    std::int64_t empty = 0, words = 0;
    for (const ColumnKind& column : m_kinds) {
        empty += column.isKept() ? column.emptyCells : 0;
        words += column.isKept() ? column.missingWords : 0;
    }
    if (!table.textColumns.empty()) {
        constexpr std::size_t shown = 10;
        std::string list;
        for (std::size_t i = 0; i < std::min(shown, table.textColumns.size()); ++i)
            list += (i == 0 ? "" : ", ") + inQuotes(table.textColumns[i]);
        if (table.textColumns.size() > shown)
            list += " and " + std::to_string(table.textColumns.size() - shown) + " more";
        table.notes.push_back("left out because they hold text: " + list);
    }
    note(empty, " empty cell became NaN", " empty cells became NaN");
    note(words, " cell such as NA or nan is NaN", " cells such as NA or nan are NaN");
    note(m_unusual.infinite, " value is infinite", " values are infinite");
    note(m_unusual.overflows, " value is too large for float64 and became infinite",
         " values are too large for float64 and became infinite");
    note(m_unusual.beyondFloat32, " value is too large for float32 and is infinite there",
         " values are too large for float32 and are infinite there");
    if (m_decimalMark == ',')
        table.notes.push_back("commas were read as decimal points");
}

/// A first column without a name that counts the rows is what pandas writes unless told not to.
void TableParser::noteIndexColumn(ParsedTable& table, std::size_t firstKept) const {
    if (!m_hasHeader || firstKept != 0 || !m_names[0].empty())
        return;
    const std::span<const double> values = table.values.values<double>();
    const std::size_t columns = table.columns.size();
    for (std::size_t row = 0; row * columns < values.size(); ++row)
        if (values[row * columns] - values[0] != static_cast<double>(row))
            return;
    table.notes.push_back("the first column has no name and counts the rows: an index, it seems, and still a channel");
}

}  // namespace

ParsedTable parseTable(const ByteSource& source, const std::string& where, const Progress& progress,
                       std::stop_token stop) {
    return TableParser(source, where, progress, stop).parse();
}

}  // namespace bnstudio
