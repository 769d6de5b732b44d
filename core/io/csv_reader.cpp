// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/csv_reader.h"

#include "core/io/cell_cursor.h"
#include "core/io/input_file.h"
#include "core/io/number_text.h"
#include "core/io/table_parser.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace bnstudio {

namespace {

/// A tensor that is in memory already.
class TableTensor : public LazyTensor {
public:
    TableTensor(std::string name, std::string where, Tensor values)
        : m_name(std::move(name)), m_where(std::move(where)), m_values(std::move(values)) {}
    const std::string& name() const override { return m_name; }
    DType dtype() const override { return m_values.dtype(); }
    const Dims& shape() const override { return m_values.shape(); }
    void readRows(std::int64_t first, std::int64_t count, Tensor& out) const override {
        const std::int64_t rows = shape()[0];
        if (first < 0 || count < 0 || first > rows || count > rows - first)
            refuse(m_where, "has " + std::to_string(rows) + " rows, but " + std::to_string(count) + " from row "
                                + std::to_string(first) + " on were asked for");
        out.reshapeFor(dtype(), {count, shape()[1]});
        const std::size_t rowBytes = m_values.byteSize() / static_cast<std::size_t>(rows);
        std::memcpy(out.bytes(), m_values.bytes() + static_cast<std::size_t>(first) * rowBytes, out.byteSize());
    }

private:
    std::string m_name, m_where;
    Tensor m_values;
};

}  // namespace

TensorFile openCsv(const std::filesystem::path& path, const Progress& progress, std::stop_token stop) {
    const InputFile source(path);
    ParsedTable table = parseTable(source, source.label(), progress, std::move(stop));
    TensorFile file;
    file.path = path;
    file.format = "csv";
    file.tensors.push_back(std::make_shared<const TableTensor>("data", source.label(), std::move(table.values)));
    file.columns = std::move(table.columns);
    file.notes = std::move(table.notes);
    return file;
}

bool startsLikeTable(std::string_view start) {
    const bool isText = std::none_of(start.begin(), start.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 && c != '\t' && c != '\r' && c != '\n';
    });
    const Delimiter delimiter = isText ? detectDelimiter(start) : Delimiter::None;
    for (int line = 0; isText && line < 5 && !start.empty(); ++line) {
        const std::size_t end = std::min(start.find('\n'), start.size());
        for (const std::string& cell : splitCells(trimmed(start.substr(0, end)), delimiter))
            if (isNumberCell(cell, delimiter))
                return true;
        start.remove_prefix(std::min(end + 1, start.size()));
    }
    return false;
}

}  // namespace bnstudio
