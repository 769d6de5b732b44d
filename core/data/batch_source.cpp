// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/batch_source.h"

#include "core/data/axis_roles.h"
#include "core/data/tensor_source.h"
#include "core/error.h"
#include "core/run/file_fingerprint.h"

#include <algorithm>
#include <cstring>

namespace bnstudio {

namespace {

class GeneratorSource : public BatchSource {
public:
    GeneratorSource(const GeneratorSpec& spec, const Batching& batching) : m_spec(spec), m_dtype(batching.dtype) {
        requireWithinLimit(std::string(kindName(spec.kind)), shapeOf(0, 0), batching, "n");
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

/// The tensors with the axes that the recipe gives them, and a word where they leave a doubt.
void applyAxes(const FileSpec& spec, std::vector<std::shared_ptr<const LazyTensor>>& tensors,
               std::vector<std::string>& notes) {
    bool saidOrder = false, saidDoubt = false;
    for (auto& tensor : tensors) {
        const std::string before = label(*tensor);
        const Dims& shape = tensor->shape();
        if (spec.axes.empty() && shape.size() == 3 && shape[1] == shape[2] && shape[1] > 1 && !saidDoubt) {
            saidDoubt = true;
            notes.push_back(spec.path + ": " + before
                            + " is read as (N, C, L), but could be (N, L, C) just as well; --axes NLC reads it so");
        }
        auto reordered = withAxes(tensor, spec.axes, spec.path + ": " + before);
        if (reordered == tensor)
            continue;
        tensor = std::move(reordered);
        if (!saidOrder)
            notes.push_back(spec.path + ": " + before + " with axes " + spec.axes + " is read as "
                            + (tensor->shape().size() == 2 ? "(N, C) = " : "(N, C, L) = ")
                            + shapeText(tensor->shape()));
        saidOrder = true;
    }
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
    for (const auto& tensor : tensors)
        requireCredibleShape(spec.path + "::" + tensor->name(), tensor->shape());
    applyAxes(spec, tensors, notes);
    if (file.columns.empty())  // the numbers of a table have no dtype that could be converted
        noteConversions(spec.path, tensors, batching.dtype, notes);
    // The columns of a transposed table are samples.
    const bool columnsAreChannels = spec.axes.find('N') <= spec.axes.find('C');
    return std::make_unique<TensorSource>(spec.path, std::move(tensors), batching, ordinal,
                                          columnsAreChannels ? file.columns : std::vector<std::string>());
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
