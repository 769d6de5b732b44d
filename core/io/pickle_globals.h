// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/dtype.h"

#include <optional>
#include <string>

namespace bnstudio {

/// What the name of a class or function in a pickle means here. Nothing is imported or called: the few names that
/// torch.save writes for tensors stand for themselves, any other one is Unknown.
enum class PickleMeaning : std::uint8_t {
    Unknown,
    OrderedDict,
    Size,                ///< torch.Size: a tuple
    RebuildTensor,       ///< torch._utils._rebuild_tensor, _rebuild_tensor_v2
    RebuildTensorTyped,  ///< torch._utils._rebuild_tensor_v3, whose storage has no type of its own
    RebuildParameter,    ///< torch._utils._rebuild_parameter, _rebuild_parameter_with_state
    RebuildFromType,     ///< torch._tensor._rebuild_from_type_v2: a tensor with Python attributes
    TensorClass,         ///< torch.Tensor and torch.nn.Parameter
    Storage,             ///< torch.FloatStorage and the like, with its dtype
    UntypedStorage,
    ElementType,  ///< torch.float32 and the like
};

struct PickleGlobal {
    std::string name;  ///< "torch._utils._rebuild_tensor_v2"
    PickleMeaning meaning = PickleMeaning::Unknown;
    std::optional<DType> dtype;  ///< of Storage and ElementType
    /// Bytes of an element of a storage, also of complex and quantised ones, which stay Unknown; else 0.
    std::size_t itemBytes = 0;
};

PickleGlobal pickleGlobal(const std::string& module, const std::string& name);

}  // namespace bnstudio
