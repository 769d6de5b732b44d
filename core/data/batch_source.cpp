// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/batch_source.h"

#include "core/data/random.h"
#include "core/error.h"
#include "core/run/file_fingerprint.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <mutex>

namespace bnstudio {

namespace {

// Values converted or gathered at a time, so that reading a batch needs little memory beside the batch.
constexpr std::int64_t chunkValues = std::int64_t{1} << 16;

std::string megabytes(std::int64_t bytes) {
    return std::to_string((bytes + (std::int64_t{1} << 20) - 1) >> 20) + " MiB";
}

void requireWithinLimit(const std::string& what, const Dims& shape, const Batching& batching) {
    const std::int64_t bytes =
        checkedElementCount(shape, itemSize(batching.dtype)) * static_cast<std::int64_t>(itemSize(batching.dtype));
    if (bytes > batching.byteLimit)
        throw Error(ErrorCode::BadInput, what + ": a batch of shape " + shapeText(shape) + " takes " + megabytes(bytes)
                                             + ", more than " + megabytes(batching.byteLimit)
                                             + "; give a smaller --batch-size");
}

class GeneratorSource : public BatchSource {
public:
    GeneratorSource(const GeneratorSpec& spec, const Batching& batching) : m_spec(spec), m_dtype(batching.dtype) {
        requireWithinLimit(std::string(kindName(spec.kind)), shapeOf(0, 0), batching);
    }
    std::optional<std::int64_t> count() const override { return std::nullopt; }
    Dims shapeOf(std::int64_t, std::int64_t) const override {
        return m_spec.l == 0 ? Dims{m_spec.n, m_spec.c} : Dims{m_spec.n, m_spec.c, m_spec.l};
    }
    void read(std::int64_t batch, std::int64_t, Tensor& out) const override {
        generateBatch(m_spec, batch, m_dtype, out);
    }
    std::optional<Population> populationOf(std::int64_t batch) const override { return population(m_spec, batch); }

private:
    GeneratorSpec m_spec;
    DType m_dtype;
};

/// Pasted values as a tensor of a file.
class MemoryTensor : public LazyTensor {
public:
    explicit MemoryTensor(const PastedSpec& spec)
        : m_tensor(Tensor::of<double>(spec.shape, std::span<const double>(spec.values))) {}
    const std::string& name() const override { return m_name; }
    DType dtype() const override { return DType::Float64; }
    const Dims& shape() const override { return m_tensor.shape(); }
    void readRows(std::int64_t first, std::int64_t rows, Tensor& out) const override {
        Dims shape = m_tensor.shape();
        shape[0] = rows;
        out.reshapeFor(DType::Float64, shape);
        const std::size_t rowBytes = rows == 0 ? 0 : out.byteSize() / static_cast<std::size_t>(rows);
        if (out.byteSize() > 0)
            std::memcpy(out.bytes(), m_tensor.bytes() + static_cast<std::size_t>(first) * rowBytes, out.byteSize());
    }

private:
    std::string m_name = "pasted";
    Tensor m_tensor;
};

/// Permutations of the last epochs asked for; working one out costs as much as reading a batch.
class ShuffleCache {
public:
    using Order = std::shared_ptr<const std::vector<std::int64_t>>;
    Order order(std::uint64_t seed, std::int64_t epoch, std::int64_t count) const {
        const std::lock_guard lock(m_mutex);
        const auto key = std::pair(seed, epoch);
        const auto found = m_orders.find(key);
        if (found != m_orders.end())
            return found->second;
        auto order = std::make_shared<std::vector<std::int64_t>>(static_cast<std::size_t>(count));
        shuffledOrder(seed, static_cast<std::uint64_t>(epoch), *order);
        if (m_orders.size() >= keptOrders)
            m_orders.erase(m_orders.begin());
        m_orders[key] = order;
        return order;
    }

private:
    static constexpr std::size_t keptOrders = 8;
    mutable std::mutex m_mutex;
    mutable std::map<std::pair<std::uint64_t, std::int64_t>, Order> m_orders;
};

/// One or more tensors, each cut into batches of its own. Without a batch size every tensor is one batch, as with
/// batch_size=None in a DataLoader: then a shuffle changes the order of the tensors, else that of a tensor's samples.
class TensorSource : public BatchSource {
public:
    TensorSource(std::string what, std::vector<std::shared_ptr<const LazyTensor>> tensors, const Batching& batching,
                 std::uint64_t ordinal, std::vector<std::string> channelNames = {})
        : m_what(std::move(what)), m_batching(batching), m_ordinal(ordinal), m_channelNames(std::move(channelNames)) {
        for (auto& tensor : tensors)
            addPart(std::move(tensor));
    }

    std::optional<std::int64_t> count() const override { return m_batches; }
    Dims shapeOf(std::int64_t batch, std::int64_t epoch) const override { return place(batch, epoch).shape; }
    void read(std::int64_t batch, std::int64_t epoch, Tensor& out) const override;
    const std::vector<std::string>& channelNames() const override { return m_channelNames; }

private:
    struct Part {
        std::shared_ptr<const LazyTensor> tensor;
        Dims shape;  ///< rank 2 or 3
        std::int64_t firstBatch = 0;
    };
    struct Place {
        std::size_t part = 0;
        std::int64_t firstRow = 0;
        Dims shape;
    };
    void addPart(std::shared_ptr<const LazyTensor> tensor);
    Place place(std::int64_t batch, std::int64_t epoch) const;
    void append(const LazyTensor& tensor, std::int64_t firstRow, std::int64_t rows, std::int64_t outRow,
                Tensor& scratch, Tensor& out) const;

    std::string m_what;
    Batching m_batching;
    std::uint64_t m_ordinal;
    std::vector<std::string> m_channelNames;
    std::vector<Part> m_parts;
    std::int64_t m_batches = 0;
    ShuffleCache m_shuffles;
};

Dims foldedShape(const Dims& shape) {
    if (shape.size() <= 3)
        return shape;
    std::int64_t length = 1;
    for (std::size_t axis = 2; axis < shape.size(); ++axis)
        length *= shape[axis];
    return {shape[0], shape[1], length};
}

void TensorSource::addPart(std::shared_ptr<const LazyTensor> tensor) {
    Part part{std::move(tensor), {}, m_batches};
    part.shape = foldedShape(part.tensor->shape());
    const std::int64_t rows = part.shape[0];
    std::int64_t batches = 1;
    Dims largest = part.shape;
    if (m_batching.batchSize) {
        const std::int64_t size = *m_batching.batchSize;
        batches = m_batching.dropLast ? rows / size : rows / size + (rows % size != 0 ? 1 : 0);
        largest[0] = std::min(rows, size);
    }
    requireWithinLimit(m_what + "::" + part.tensor->name(), largest, m_batching);
    m_batches += batches;
    m_parts.push_back(std::move(part));
}

TensorSource::Place TensorSource::place(std::int64_t batch, std::int64_t epoch) const {
    if (m_batching.shuffleSeed && !m_batching.batchSize) {
        const auto order = m_shuffles.order(*m_batching.shuffleSeed + m_ordinal, epoch, m_batches);
        batch = (*order)[static_cast<std::size_t>(batch)];
    }
    const auto next = std::upper_bound(m_parts.begin(), m_parts.end(), batch,
                                       [](std::int64_t b, const Part& part) { return b < part.firstBatch; });
    Place result{static_cast<std::size_t>(next - m_parts.begin()) - 1, 0, std::prev(next)->shape};
    if (m_batching.batchSize) {
        result.firstRow = (batch - std::prev(next)->firstBatch) * *m_batching.batchSize;
        result.shape[0] = std::min(*m_batching.batchSize, result.shape[0] - result.firstRow);
    }
    return result;
}

/// Rows of the tensor, converted, to rows outRow … of @p out.
void TensorSource::append(const LazyTensor& tensor, std::int64_t firstRow, std::int64_t rows, std::int64_t outRow,
                          Tensor& scratch, Tensor& out) const {
    tensor.readRows(firstRow, rows, scratch);
    const Tensor converted = scratch.dtype() == out.dtype() ? Tensor() : scratch.convertedTo(out.dtype());
    const Tensor& source = scratch.dtype() == out.dtype() ? scratch : converted;
    const std::size_t rowBytes = out.byteSize() / static_cast<std::size_t>(out.shape()[0]);
    if (source.byteSize() > 0)
        std::memcpy(out.bytes() + static_cast<std::size_t>(outRow) * rowBytes, source.bytes(), source.byteSize());
}

void TensorSource::read(std::int64_t batch, std::int64_t epoch, Tensor& out) const {
    const Place where = place(batch, epoch);
    const Part& part = m_parts[where.part];
    const std::int64_t rows = where.shape[0];
    const bool gather = m_batching.shuffleSeed && m_batching.batchSize;
    if (!gather && part.tensor->dtype() == m_batching.dtype) {
        part.tensor->readRows(where.firstRow, rows, out);
        out.setShape(where.shape);
        return;
    }
    out.reshapeFor(m_batching.dtype, where.shape);
    if (out.size() == 0)
        return;
    Tensor scratch;
    if (gather) {
        // Every part has an order of its own; the golden ratio keeps their seeds from meeting those of other sources.
        const std::uint64_t seed = *m_batching.shuffleSeed + m_ordinal + where.part * 0x9E3779B97F4A7C15ULL;
        const auto order = m_shuffles.order(seed, epoch, part.shape[0]);
        for (std::int64_t row = 0; row < rows; ++row)
            append(*part.tensor, (*order)[static_cast<std::size_t>(where.firstRow + row)], 1, row, scratch, out);
        return;
    }
    const std::int64_t rowsAtOnce = std::max<std::int64_t>(1, chunkValues * rows / out.size());
    for (std::int64_t row = 0; row < rows; row += rowsAtOnce)
        append(*part.tensor, where.firstRow + row, std::min(rowsAtOnce, rows - row), row, scratch, out);
}

std::string label(const LazyTensor& tensor) {
    return tensor.name() + " " + shapeText(tensor.shape());
}
bool canBeBatch(const LazyTensor& tensor) {
    return tensor.shape().size() >= 2 && tensor.shape().size() <= 5;
}

std::vector<std::shared_ptr<const LazyTensor>> chosenTensors(const TensorFile& file, const FileSpec& spec,
                                                             std::vector<std::string>& notes) {
    if (!spec.tensor.empty()) {
        auto chosen = selectFamily(file, spec.tensor);
        if (chosen.empty())
            throw Error(ErrorCode::BadInput, spec.path + ": holds no tensor or family named " + spec.tensor);
        for (const auto& tensor : chosen) {
            if (!canBeBatch(*tensor))
                throw Error(ErrorCode::BadInput,
                            spec.path + ": " + label(*tensor) + " cannot be a batch, expected (N, C) or (N, C, L)");
        }
        return chosen;
    }
    std::vector<std::shared_ptr<const LazyTensor>> chosen;
    std::string skipped;
    for (const auto& tensor : file.tensors) {
        if (canBeBatch(*tensor))
            chosen.push_back(tensor);
        else
            skipped += (skipped.empty() ? "" : ", ") + label(*tensor);
    }
    if (chosen.empty())
        throw Error(ErrorCode::BadInput, spec.path + ": holds no tensor that can be a batch, (N, C) or (N, C, L)"
                                             + (skipped.empty() ? std::string() : ", but " + skipped));
    if (!skipped.empty())
        notes.push_back(spec.path + ": skipped, because they are no batches: " + skipped);
    return chosen;
}

/// Says once a file what the load changes about its values.
void noteConversions(const std::string& path, const std::vector<std::shared_ptr<const LazyTensor>>& tensors,
                     DType dtype, std::vector<std::string>& notes) {
    std::vector<DType> seen;
    bool saidFold = false;
    for (const auto& tensor : tensors) {
        if (tensor->dtype() != dtype && std::find(seen.begin(), seen.end(), tensor->dtype()) == seen.end()) {
            seen.push_back(tensor->dtype());
            notes.push_back(path + ": " + std::string(name(tensor->dtype())) + " values converted to "
                            + std::string(name(dtype)));
        }
        if (tensor->shape().size() > 3 && !saidFold) {
            saidFold = true;
            notes.push_back(path + ": " + label(*tensor) + " is read as " + shapeText(foldedShape(tensor->shape())));
        }
    }
}

void noteChange(const FileSpec& spec, std::vector<std::string>& notes) {
    if (spec.hash.empty())
        return;
    const FileFingerprint now = fingerprintOf(spec.path);
    if (now.hash == spec.hash && now.size == spec.size)
        return;
    std::string what = spec.path + ": has changed since the recipe was saved";
    if (now.size != spec.size)
        what += " (" + std::to_string(spec.size) + " bytes then, " + std::to_string(now.size) + " now)";
    notes.push_back(what + "; results are not reproduced");
}

std::unique_ptr<BatchSource> openFile(const FileSpec& spec, const Batching& batching, std::uint64_t ordinal,
                                      std::vector<std::string>& notes, const Progress& progress, std::stop_token stop) {
    std::error_code ignored;
    if (!std::filesystem::exists(spec.path, ignored))
        throw Error(ErrorCode::BadInput, spec.path + ": there is no such file");
    const TensorFile file = openTensorFile(spec.path, progress, stop);
    noteChange(spec, notes);
    for (const std::string& note : file.notes)
        notes.push_back(spec.path + ": " + note);
    auto tensors = chosenTensors(file, spec, notes);
    if (file.columns.empty())  // the numbers of a table have no dtype that could be converted
        noteConversions(spec.path, tensors, batching.dtype, notes);
    return std::make_unique<TensorSource>(spec.path, std::move(tensors), batching, ordinal, file.columns);
}

std::unique_ptr<BatchSource> openPasted(const PastedSpec& spec, const Batching& batching, std::uint64_t ordinal) {
    const std::size_t rank = spec.shape.size();
    if ((rank != 2 && rank != 3)
        || checkedElementCount(spec.shape, sizeof(double)) != static_cast<std::int64_t>(spec.values.size()))
        throw Error(ErrorCode::BadInput, "pasted values: " + std::to_string(spec.values.size())
                                             + " values do not make the shape " + shapeText(spec.shape));
    std::vector<std::shared_ptr<const LazyTensor>> tensors{std::make_shared<MemoryTensor>(spec)};
    return std::make_unique<TensorSource>("pasted values", std::move(tensors), batching, ordinal);
}

}  // namespace

std::unique_ptr<BatchSource> openSource(const SourceSpec& spec, const Batching& batching, std::uint64_t ordinal,
                                        std::vector<std::string>& notes, const Progress& progress,
                                        std::stop_token stop) {
    if (const auto* generator = std::get_if<GeneratorSpec>(&spec))
        return std::make_unique<GeneratorSource>(*generator, batching);
    if (const auto* file = std::get_if<FileSpec>(&spec))
        return openFile(*file, batching, ordinal, notes, progress, stop);
    return openPasted(std::get<PastedSpec>(spec), batching, ordinal);
}

}  // namespace bnstudio
