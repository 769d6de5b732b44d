// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/pickle_globals.h"

#include <unordered_map>

namespace bnstudio {

namespace {

using enum PickleMeaning;

struct Meaning {
    PickleMeaning meaning;
    std::optional<DType> dtype;
    std::size_t itemBytes = 0;
};

// torch/_utils.py, torch/_tensor.py, torch/storage.py and torch/serialization.py of PyTorch 0.4 to 2.x. Sparse tensors
// are absent, and complex and quantised storages have no meaning: what is built from them is refused by name.
const std::unordered_map<std::string, Meaning>& knownGlobals() {
    static const std::unordered_map<std::string, Meaning> known{
        {"collections.OrderedDict", {OrderedDict, {}}},
        {"torch.Size", {Size, {}}},
        {"torch._utils._rebuild_tensor", {RebuildTensor, {}}},
        {"torch._utils._rebuild_tensor_v2", {RebuildTensor, {}}},
        {"torch._utils._rebuild_tensor_v3", {RebuildTensorTyped, {}}},
        {"torch._utils._rebuild_parameter", {RebuildParameter, {}}},
        {"torch._utils._rebuild_parameter_with_state", {RebuildParameter, {}}},
        {"torch._tensor._rebuild_from_type_v2", {RebuildFromType, {}}},
        {"torch.Tensor", {TensorClass, {}}},
        {"torch.nn.parameter.Parameter", {TensorClass, {}}},
        {"torch.nn.parameter.Buffer", {TensorClass, {}}},
        {"torch.FloatStorage", {Storage, DType::Float32}},
        {"torch.DoubleStorage", {Storage, DType::Float64}},
        {"torch.HalfStorage", {Storage, DType::Float16}},
        {"torch.BFloat16Storage", {Storage, DType::BFloat16}},
        {"torch.CharStorage", {Storage, DType::Int8}},
        {"torch.ShortStorage", {Storage, DType::Int16}},
        {"torch.IntStorage", {Storage, DType::Int32}},
        {"torch.LongStorage", {Storage, DType::Int64}},
        {"torch.ByteStorage", {Storage, DType::UInt8}},
        {"torch.BoolStorage", {Storage, DType::Bool}},
        {"torch.ComplexFloatStorage", {Unknown, {}, 8}},
        {"torch.ComplexDoubleStorage", {Unknown, {}, 16}},
        {"torch.QInt8Storage", {Unknown, {}, 1}},
        {"torch.QUInt8Storage", {Unknown, {}, 1}},
        {"torch.QInt32Storage", {Unknown, {}, 4}},
        {"torch.QUInt4x2Storage", {Unknown, {}, 1}},
        {"torch.QUInt2x4Storage", {Unknown, {}, 1}},
        {"torch.UntypedStorage", {UntypedStorage, {}, 1}},
        {"torch.storage.UntypedStorage", {UntypedStorage, {}, 1}},
        {"torch.storage._UntypedStorage", {UntypedStorage, {}, 1}},
        {"torch.float", {PickleMeaning::ElementType, DType::Float32}},
        {"torch.double", {PickleMeaning::ElementType, DType::Float64}},
        {"torch.half", {PickleMeaning::ElementType, DType::Float16}},
        {"torch.short", {PickleMeaning::ElementType, DType::Int16}},
        {"torch.int", {PickleMeaning::ElementType, DType::Int32}},
        {"torch.long", {PickleMeaning::ElementType, DType::Int64}},
    };
    return known;
}

}  // namespace

PickleGlobal pickleGlobal(const std::string& module, const std::string& name) {
    PickleGlobal global{module + "." + name, Unknown, std::nullopt, 0};
    if (const auto found = knownGlobals().find(global.name); found != knownGlobals().end()) {
        global.meaning = found->second.meaning;
        global.dtype = found->second.dtype;
        global.itemBytes = global.dtype ? itemSize(*global.dtype) : found->second.itemBytes;
    } else if (const auto dtype = dtypeFromName(name); dtype && module == "torch") {
        global.meaning = PickleMeaning::ElementType;
        global.dtype = dtype;
    }
    return global;
}

}  // namespace bnstudio
