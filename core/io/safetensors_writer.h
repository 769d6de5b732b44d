// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/atomic_file.h"
#include "core/tensor/tensor.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace bnstudio {

/// Writes a .safetensors file beside its target; commit() renames it into place. Destroyed without commit it leaves
/// nothing behind. As the format's own library does, tensors are sorted by the size of their elements, the largest
/// first, and the header fills up to 8 bytes, so that every element is aligned. The metadata are {"format": "pt"}.
/// Meant for states: the tensors are kept in memory until the commit. Throws Error(WriteFailed).
class SafetensorsWriter {
public:
    explicit SafetensorsWriter(const std::filesystem::path& target) : m_file(target), m_target(target) {}
    void add(const std::string& name, const Tensor& tensor);
    void commit();

private:
    AtomicFile m_file;
    std::filesystem::path m_target;
    std::vector<std::pair<std::string, Tensor>> m_tensors;
};

/// The file's bytes up to the first tensor, for tensors in this order. Names must be UTF-8.
std::string safetensorsHeader(const std::vector<std::pair<std::string, Tensor>>& tensors);

}  // namespace bnstudio
