// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/input_file.h"
#include "core/io/pickle_objects.h"
#include "core/io/tensor_file.h"

#include <functional>
#include <memory>
#include <string>

namespace bnstudio {

/// The bytes of a storage, all of them and no others. Throws Error(BadInput) when there are too few.
using StorageBytes = std::function<std::shared_ptr<const ByteSource>(const PickledStorage&)>;

/// Bytes that @p elements, at most all, of a storage take.
std::uint64_t storageBytes(const PickledStorage& storage, std::int64_t elements);

/// Walks what a pickle holds and enters tensors, other values, refused objects and module versions under their names:
/// keys and indices joined by dots ("model.net.0.weight"), modules that were saved as a whole as their state_dict()
/// would name them. Throws Error(BadInput) for a tensor that does not fit its storage, for structures without end, and
/// when only refused objects are there.
void collectTensors(const PickleObjects& objects, PickleId root, const std::string& label, const StorageBytes& bytesOf,
                    bool bigEndian, TensorFile& file);

}  // namespace bnstudio
