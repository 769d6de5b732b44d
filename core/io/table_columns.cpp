// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/table_columns.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace bnstudio {

std::vector<std::string> uniqueColumnNames(std::vector<std::string> names) {
    std::unordered_set<std::string> taken(names.begin(), names.end());
    std::unordered_set<std::string> seen;
    std::unordered_map<std::string, int> suffixes;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i].empty())
            names[i] = "column " + std::to_string(i + 1);
        if (!seen.insert(names[i]).second) {
            std::string unique;
            do {
                unique = names[i] + "." + std::to_string(++suffixes[names[i]]);
            } while (!taken.insert(unique).second || !seen.insert(unique).second);
            names[i] = unique;
        }
    }
    return names;
}

RowStore::RowStore(std::size_t columns)
    : m_columns(columns), m_rowsPerChunk(std::max<std::size_t>(1, (std::size_t{1} << 17) / columns)) {}

double* RowStore::addRow() {
    if (m_chunks.empty() || m_chunks.back().size() == m_rowsPerChunk * m_columns)
        m_chunks.emplace_back().reserve(m_rowsPerChunk * m_columns);
    std::vector<double>& chunk = m_chunks.back();
    chunk.resize(chunk.size() + m_columns);
    ++m_rows;
    return chunk.data() + chunk.size() - m_columns;
}

Tensor RowStore::takeColumns(const std::vector<std::size_t>& columns) {
    Tensor tensor(DType::Float64, {m_rows, static_cast<std::int64_t>(columns.size())});
    double* out = tensor.values<double>().data();
    while (!m_chunks.empty()) {
        const std::vector<double>& chunk = m_chunks.front();
        for (std::size_t row = 0; row < chunk.size(); row += m_columns)
            for (const std::size_t column : columns)
                *out++ = chunk[row + column];
        m_chunks.pop_front();
    }
    m_rows = 0;
    return tensor;
}

}  // namespace bnstudio
