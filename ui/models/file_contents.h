// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/state_file.h"

#include <QString>

#include <memory>
#include <string>
#include <vector>

namespace bnstudio {

/// Something in a file that gives batches: one tensor, or a numbered family in its order.
struct BatchEntry {
    std::string name;  ///< as FileSpec::tensor has it: "x" for x.0, x.1, …
    std::vector<std::shared_ptr<const LazyTensor>> tensors;
    bool isFamily() const { return tensors.size() > 1 || tensors.front()->name() != name; }
};

/// A numbered family of tensors, whether of batches or not.
struct Family {
    std::string name;
    std::vector<std::shared_ptr<const LazyTensor>> members;  ///< in numeric order
};

/// A file as a user looks at it.
struct FileContents {
    TensorFile file;
    std::vector<Family> families;
    std::vector<BatchEntry> batches;  ///< file order
    std::vector<FoundLayer> layers;   ///< batch-norm layers of a state dict, file order
    bool isStateDict() const { return !layers.empty() && batches.empty(); }
    /// Nothing to choose from: the file is one tensor.
    bool isSingleTensor() const { return file.tensors.size() == 1 && layers.empty() && file.refused.empty(); }
};
FileContents contentsOf(TensorFile file);

/// Whether batches can be made of a tensor: rank 2 to 5, with values in it.
bool canBeBatch(const LazyTensor& tensor);

/// "(32, 8)", or "(32, 8) …" when the shapes of a family differ.
QString shapesText(const std::vector<std::shared_ptr<const LazyTensor>>& tensors);
/// "x · 80 batches", or the name of a tensor alone.
QString entryText(const BatchEntry& entry);

}  // namespace bnstudio
