// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/tensor_sample.h"

#include "core/error.h"
#include "core/io/tensor_health.h"
#include "ui/format.h"
#include "ui/session/worker.h"

#include <QCoreApplication>

#include <algorithm>

namespace bnstudio {

namespace {

constexpr std::int64_t tableRows = 64, tableColumns = 32;
constexpr std::int64_t readBytes = std::int64_t{4} << 20;
constexpr std::int64_t histogramValues = std::int64_t{1} << 18;

QString translated(const char* text) {
    return QCoreApplication::translate("TensorSample", text);
}

/// The table's two axes: how many rows and columns there are, and what to call them.
struct Axes {
    std::int64_t rows = 1, columns = 1;
    QString caption;
};

Axes axesOf(const Dims& shape) {
    switch (shape.size()) {
    case 0:
        return {1, 1, translated("one value")};
    case 1:
        return {shape[0], 1, translated("a value an entry")};
    case 2:
        return {shape[0], shape[1], translated("rows: first axis, columns: second axis")};
    default:
        std::int64_t rest = 1;
        for (std::size_t axis = 2; axis < shape.size(); ++axis)
            rest *= shape[axis];
        return {shape[1], rest, translated("the first sample; rows: second axis, columns: the others")};
    }
}

QStringList numbers(std::int64_t count) {
    QStringList texts;
    for (std::int64_t i = 0; i < count; ++i)
        texts << QString::number(i);
    return texts;
}

}  // namespace

TensorSample sampleOf(const LazyTensor& tensor, const std::stop_token& stop) {
    const std::int64_t rowBytes = std::max<std::int64_t>(1, rowBytesOf(tensor));
    if (rowBytes > BatchStream::defaultByteLimit)
        throw Error(ErrorCode::BadInput,
                    translated("A single slice of this tensor is too large to look at.").toStdString());
    const Dims& shape = tensor.shape();
    Tensor part;
    const std::int64_t slices = shape.empty() ? 1 : shape[0];
    tensor.readRows(0, std::min(slices, std::max<std::int64_t>(1, readBytes / rowBytes)), part);
    if (stop.stop_requested())
        throw Error(ErrorCode::Cancelled, "interrupted");

    const Axes axes = axesOf(shape);
    const std::int64_t columns = std::min(axes.columns, tableColumns);
    const std::int64_t rows = std::min({axes.rows, tableRows, part.size() / std::max<std::int64_t>(1, axes.columns)});
    TensorSample sample;
    sample.rows = numbers(rows);
    sample.columns = shape.size() < 2 ? QStringList{translated("value")} : numbers(columns);
    for (std::int64_t row = 0; row < rows; ++row)
        for (std::int64_t column = 0; column < columns; ++column)
            sample.values.push_back(part.at(row * axes.columns + column));
    sample.caption = axes.caption;
    if (rows < axes.rows || columns < axes.columns)
        sample.caption += translated("; the first %1 × %2").arg(rows).arg(columns);
    const std::int64_t counted = std::min(part.size(), histogramValues);
    std::vector<double> values(static_cast<std::size_t>(counted));
    for (std::int64_t i = 0; i < counted; ++i)
        values[static_cast<std::size_t>(i)] = part.at(i);
    sample.histogram = histogramOf(values);
    const std::int64_t total = byteSizeOf(tensor) / static_cast<std::int64_t>(itemSize(tensor.dtype()));
    if (counted < total)
        sample.caption += translated("; histogram of the first %1 values").arg(formatCount(counted));
    return sample;
}

}  // namespace bnstudio
