// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/npz_writer.h"
#include "core/io/safetensors_writer.h"
#include "core/norm/state_dict.h"

#include <filesystem>
#include <string>
#include <variant>

namespace bnstudio {

/// Writes state dicts to a .safetensors or, for every other extension, a .npz, beside the target until commit().
/// Throws Error(WriteFailed).
class StateWriter {
public:
    explicit StateWriter(const std::filesystem::path& target);
    /// Every tensor under PREFIX + its key, with PyTorch's dtypes.
    void add(const std::string& prefix, const StateDict& dict);
    void commit();

private:
    std::variant<std::monostate, NpzWriter, SafetensorsWriter> m_writer;
};

/// The buffers alone: running_mean, running_var and num_batches_tracked, as far as they are there.
StateDict buffersOf(const StateDict& dict);

/// A line of Python (the imports apart) that puts the buffers of a saved file into `model`, whose other entries stay as
/// they are. @p file is written as a Python literal.
std::string pythonToLoad(const std::string& file);

}  // namespace bnstudio
