// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_file.h"
#include "core/norm/state_dict.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bnstudio {

/// A batch-norm layer recognised in a state dict by its running statistics. (Without them its weight and bias look
/// like those of a layer normalisation, so it is not claimed.)
struct FoundLayer {
    std::string prefix;  ///< "net.1.", empty for a layer of its own
    std::int64_t numFeatures = 0;
    bool affine = false;
    bool counted = false;  ///< num_batches_tracked is there
};
std::vector<FoundLayer> findBatchNormLayers(const TensorFile& file);

/// The state a layer has after load_state_dict of a file's tensors under a prefix.
struct LoadedState {
    std::int64_t numFeatures = 0;  ///< from the file
    LayerState state;
    std::vector<std::string> notes;
};

/// The state dict of a file that lanes with different options can start from.
class StateFile {
public:
    /// @p argument is FILE[::PREFIX]; the dot that ends a prefix may be left out. Throws Error(BadInput).
    explicit StateFile(const std::string& argument);
    /// load_state_dict(strict=True) into a fresh layer with @p options, whose num_features becomes that of the file.
    /// Throws Error(Refused) with PyTorch's text.
    LoadedState loadFor(LayerOptions options) const;

private:
    std::string m_file;
    StateDict m_dict;
    std::string m_hint;  ///< where batch-norm layers are, when that could explain a failure
};

}  // namespace bnstudio
