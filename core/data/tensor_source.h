// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/batch_source.h"

#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

namespace bnstudio {

/// Permutations of the last epochs asked for; working one out costs as much as reading a batch.
class ShuffleCache {
public:
    using Order = std::shared_ptr<const std::vector<std::int64_t>>;
    Order order(std::uint64_t seed, std::int64_t epoch, std::int64_t count) const;

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

/// (N, C, …) of rank 4 or 5 as (N, C, L).
Dims foldedShape(const Dims& shape);

/// Throws Error(BadInput) when a batch of this shape exceeds the limit; @p setting is what makes batches smaller.
void requireWithinLimit(const std::string& what, const Dims& shape, const Batching& batching, std::string_view setting);

/// Throws Error(BadInput) when a shape without values has an axis that no real batch has: the file pays nothing for it,
/// while a layer needs a thousand bytes a channel. Of such shapes foldedShape may also overflow.
void requireCredibleShape(const std::string& what, const Dims& shape);

}  // namespace bnstudio
