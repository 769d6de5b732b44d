// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_file.h"
#include "core/run/recipe.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace bnstudio {

/// How the samples of a tensor become batches.
struct Batching {
    std::optional<std::int64_t> batchSize;
    bool dropLast = false;
    std::optional<std::uint64_t> shuffleSeed;
    DType dtype = DType::Float32;  ///< of the batches
    std::int64_t byteLimit = 0;    ///< of one batch
};

/// Batches by index. Immutable and safe to read from several threads.
class BatchSource {
public:
    virtual ~BatchSource() = default;
    /// Nothing: endless.
    virtual std::optional<std::int64_t> count() const = 0;
    virtual Dims shapeOf(std::int64_t batch, std::int64_t epoch) const = 0;
    virtual void read(std::int64_t batch, std::int64_t epoch, Tensor& out) const = 0;
    virtual std::optional<Population> populationOf(std::int64_t) const { return std::nullopt; }
    /// Names of a table's columns, which are the channels; empty otherwise.
    virtual const std::vector<std::string>& channelNames() const {
        static const std::vector<std::string> none;
        return none;
    }
};

/// Opens one source of a recipe. @p ordinal keeps the shuffles of several sources apart; the source of the gradients
/// gets the ordinal of its data, hence the same order. What was skipped or converted goes to @p notes.
std::unique_ptr<BatchSource> openSource(const SourceSpec& spec, const Batching& batching, std::uint64_t ordinal,
                                        std::vector<std::string>& notes, const Progress& progress,
                                        std::stop_token stop);

}  // namespace bnstudio
