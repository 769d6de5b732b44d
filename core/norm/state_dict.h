// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/batch_norm.h"

#include <map>
#include <string>
#include <vector>

namespace bnstudio {

/// Tensors by key, in insertion order of PyTorch's state_dict.
struct StateDict {
    std::vector<std::pair<std::string, Tensor>> entries;
    std::optional<int> version;  ///< `_metadata[prefix].version`; nothing when absent
    const Tensor* find(const std::string& key) const;
};

/// What load_state_dict did and what deserves a word to the user.
struct LoadReport {
    std::vector<std::string> missing, unexpected;
    std::vector<std::string> notes;  ///< conversions and suspicious values, a sentence each
};

/// weight, bias, running_mean, running_var, num_batches_tracked; absent ones skipped (semantics 40).
StateDict stateDict(const BatchNorm1d& layer);
/// semantics 41 to 44, with the keep-the-counter rule of torch ≥ 2.2. Throws Error(Refused) with PyTorch's text after
/// copying everything loadable, as PyTorch does (semantics 42).
LoadReport loadStateDict(BatchNorm1d& layer, const StateDict& dict, bool strict = true);

}  // namespace bnstudio
