// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/file_contents.h"

#include "core/io/tensor_health.h"

#include <optional>

namespace bnstudio {

/// A row of the browser's tree.
struct TensorNode {
    enum class Kind {
        Group,   ///< names that begin alike
        Family,  ///< x of x.0, x.1, …
        Layer,   ///< a batch-norm layer; its children are the five tensors
        Tensor,
        Refused,  ///< an object of a .pt that was not built
    };
    Kind kind = Kind::Group;
    QString label;     ///< what comes behind the parent's name
    std::string name;  ///< in full: of the tensor, the family, or the prefix of the layer
    std::vector<std::shared_ptr<const LazyTensor>> tensors;  ///< one, a family's, or a layer's
    std::optional<BatchEntry> batches;
    std::optional<FoundLayer> layer;
    QString global;  ///< Refused: what the file wanted to import
    std::vector<std::unique_ptr<TensorNode>> children;
    TensorNode* parent = nullptr;
    int row = 0;

    bool isChecked = false;
    std::optional<TensorHealth> health;
    QString healthError;
    bool healthAsked = false;
    bool isCheckable() const { return batches || layer; }
};

/// The tensors of a file as a tree of their names, split at the dots.
std::unique_ptr<TensorNode> makeTensorTree(const FileContents& contents);

}  // namespace bnstudio
