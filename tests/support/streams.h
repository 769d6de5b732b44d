// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of batch streams share.
#pragma once

#include "core/data/batch_stream.h"
#include "core/error.h"
#include "core/io/npz_writer.h"
#include "support/recipes.h"

#include <QTemporaryDir>

#include <utility>
#include <vector>

namespace bnstudio::test {

using Numbers = std::vector<double>;

inline Numbers valuesOf(const Tensor& tensor) {
    Numbers values;
    for (std::int64_t i = 0; i < tensor.size(); ++i)
        values.push_back(tensor.at(i));
    return values;
}

inline Numbers batchAt(const BatchStream& stream, std::int64_t step) {
    Tensor batch;
    stream.read(step, batch);
    return valuesOf(batch);
}

/// One channel, samples first … first + count − 1 as their own numbers.
inline PastedSpec counting(std::int64_t count, double first = 0) {
    Numbers values;
    for (std::int64_t i = 0; i < count; ++i)
        values.push_back(first + static_cast<double>(i));
    return pasted({count, 1}, values);
}

inline Tensor countingTensor(const Dims& shape, DType dtype = DType::Float32, double first = 0) {
    Tensor tensor(DType::Float64, shape);
    for (std::int64_t i = 0; i < tensor.size(); ++i)
        tensor.set(i, first + static_cast<double>(i));
    return dtype == DType::Float64 ? tensor : tensor.convertedTo(dtype);
}

inline QString refusal(const DataSpec& spec, std::int64_t limit = BatchStream::defaultByteLimit) {
    try {
        BatchStream::open(spec, DType::Float32, limit);
    } catch (const Error& error) {
        return error.code() == ErrorCode::BadInput ? QString(error.what()) : QString("wrong code");
    }
    return {};
}

inline DataSpec dataOf(std::vector<SourceSpec> sources) {
    DataSpec spec;
    spec.sources = std::move(sources);
    return spec;
}

inline QString notesOf(const BatchStream& stream) {
    QStringList notes;
    for (const std::string& note : stream.notes())
        notes << QString::fromStdString(note);
    return notes.join('\n');
}

/// Archives in a folder that goes when this goes.
class NpzFolder {
public:
    std::string write(const QString& name, const std::vector<std::pair<std::string, Tensor>>& tensors) const {
        const QString path = m_folder.filePath(name);
        NpzWriter writer(path.toStdString());
        for (const auto& [key, tensor] : tensors)
            writer.add(key, tensor);
        writer.commit();
        return path.toStdString();
    }
    QString filePath(const QString& name) const { return m_folder.filePath(name); }

private:
    QTemporaryDir m_folder;
};

}  // namespace bnstudio::test
