// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_file.h"
#include "core/norm/state_audit.h"
#include "core/norm/state_dict.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bnstudio {

/// A batch-norm layer recognised in a state dict by its running statistics. (Without them its weight and bias look
/// like those of a layer normalisation, so it is not claimed.)
struct FoundLayer {
    std::string prefix;  ///< "net.1.", empty for a layer of its own
    std::int64_t numFeatures = 0;
    bool affine = false;
    bool counted = false;          ///< num_batches_tracked is there
    DType dtype = DType::Float32;  ///< of the running mean in the file
    std::optional<int> version{};  ///< of the module, where the file tells; from 2 on there is a counter
};
std::vector<FoundLayer> findBatchNormLayers(const TensorFile& file);

/// The prefix that the model's own state dict has there: "net.1." of "state_dict.net.1.", where a checkpoint keeps the
/// state dict among other things.
std::string modulePrefix(const TensorFile& file, const std::string& prefix);

/// What an import has to say.
struct ImportReport {
    std::vector<std::string> missing, unexpected;  ///< keys
    std::vector<std::string> converted;            ///< keys whose dtype is not that of the layer
    std::vector<StateFinding> suspicious;          ///< what looks wrong with the values, the worst first
    bool operator==(const ImportReport&) const = default;
};

/// The state a layer has after load_state_dict of a file's tensors under a prefix.
struct LoadedState {
    std::int64_t numFeatures = 0;  ///< from the file
    LayerState state;
    ImportReport report;
    std::vector<std::string> notes;  ///< the same as sentences that begin with the file's name
};

/// The state dict of a file that lanes with different options can start from.
class StateFile {
public:
    /// @p argument is FILE[::PREFIX]; the dot that ends a prefix may be left out, and so may the "module." that
    /// nn.DataParallel puts in front. Throws Error(BadInput).
    explicit StateFile(const std::string& argument);
    /// The layer at @p prefix, exactly as the file spells it, of a file that is open.
    StateFile(const TensorFile& file, const std::string& prefix);
    /// The file, fit for the start of a message.
    const std::string& label() const { return m_file; }
    /// Where the layer was found: "net.1.".
    const std::string& prefix() const { return m_prefix; }
    /// The same for load_state_dict of the model, see modulePrefix().
    const std::string& modulePrefix() const { return m_modulePrefix; }
    /// The options that the file tells of the layer: num_features, whether it is affine and tracks statistics, and its
    /// dtype (float64 if the file's is, else float32). The others are PyTorch's defaults.
    LayerOptions layerOptions() const;
    /// load_state_dict into a fresh layer with @p options, whose num_features becomes that of the file.
    /// Throws Error(Refused) with PyTorch's text.
    LoadedState loadFor(LayerOptions options, bool strict = true) const;

private:
    void readDict(const TensorFile& file);
    std::string refusalText(std::string text) const;

    std::string m_file, m_prefix, m_modulePrefix;
    StateDict m_dict;
    std::string m_hint;  ///< where batch-norm layers are, when that could explain a failure
};

}  // namespace bnstudio
