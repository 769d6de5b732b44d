// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_file.h"
#include "core/run/recipe.h"

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace bnstudio {

/// Where the batch of a step comes from.
struct BatchOrigin {
    int source = 0;
    std::int64_t batch = 0;  ///< index within the source
    std::int64_t epoch = 0;
    bool operator==(const BatchOrigin&) const = default;
};

/// The opened data of a recipe: which batch a step sees, and its values. Immutable and safe to use from several threads.
class BatchStream {
public:
    static constexpr std::int64_t defaultByteLimit = std::int64_t{256} << 20;

    /// Opens files and checks that there is at least one batch. Tensors that cannot be a batch (rank below 2 or above 5)
    /// are skipped and listed in notes() unless named; ranks 4 and 5 are folded to (N, C, L), said in notes().
    /// Throws Error(BadInput); a batch above the byte limit is refused with a sentence that says what
    /// makes it smaller.
    static std::shared_ptr<const BatchStream> open(const DataSpec& spec, DType dtype,
                                                   std::int64_t byteLimit = defaultByteLimit,
                                                   const Progress& progress = {}, std::stop_token stop = {});
    virtual ~BatchStream() = default;

    virtual BatchOrigin originAt(std::int64_t step) const = 0;
    /// The batch of a step (pinned rows applied, events not), converted to the layer dtype.
    virtual void read(std::int64_t step, Tensor& out) const = 0;
    virtual bool hasGradients() const = 0;
    virtual void readGradient(std::int64_t step, Tensor& out) const = 0;
    /// The population of the step's batch when it comes from a generator.
    virtual std::optional<Population> populationAt(std::int64_t step) const = 0;
    /// Steps once through the data; nothing when a source is endless.
    virtual std::optional<std::int64_t> stepsPerEpoch() const = 0;
    virtual Dims shapeAt(std::int64_t step) const = 0;
    /// C of the first batch.
    virtual std::int64_t channels() const = 0;
    /// Column names of a table, empty otherwise.
    virtual const std::vector<std::string>& channelNames() const = 0;
    virtual const std::vector<std::string>& notes() const = 0;
};

}  // namespace bnstudio
