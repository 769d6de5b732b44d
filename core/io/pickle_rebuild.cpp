// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/pickle_rebuild.h"

#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace bnstudio {

namespace {

constexpr std::size_t maxRank = 8, maxKeyBytes = 100;
constexpr std::int64_t maxElements = std::numeric_limits<std::int64_t>::max() / 16;  // so that bytes fit 63 bits
constexpr std::size_t usedArguments = 7;  // _rebuild_tensor_v3 has the most: its last one is the dtype

[[noreturn]] void refuseArguments(const std::string& reason) {
    throw PickleFault(reason);
}

std::int64_t integerAt(const PickleObjects& objects, const std::vector<PickleId>& values, std::size_t index,
                       const char* what) {
    if (index >= values.size() || objects.kind(values[index]) != PickleKind::Int) {
        refuseArguments(std::string("expected a number as ") + what);
    }
    return objects.integer(values[index]);
}

Dims dimsAt(const PickleObjects& objects, const std::vector<PickleId>& values, std::size_t index, const char* what) {
    if (index >= values.size()
        || (objects.kind(values[index]) != PickleKind::Tuple && objects.kind(values[index]) != PickleKind::List)) {
        refuseArguments(std::string("expected a tuple as ") + what);
    }
    const std::vector<PickleId> axes = objects.children(values[index], maxRank + 1);
    if (axes.size() > maxRank) {
        refuseArguments("a tensor has more than " + std::to_string(maxRank) + " axes");
    }
    Dims dims;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        dims.push_back(integerAt(objects, axes, i, what));
    }
    return dims;
}

bool isMeaning(const PickleObjects& objects, PickleId id, PickleMeaning meaning) {
    return objects.kind(id) == PickleKind::Global && objects.global(id).meaning == meaning;
}

/// The object, when it is opaque or a global that is not known: then what is made from it is opaque too.
bool isForeign(const PickleObjects& objects, PickleId id) {
    return objects.kind(id) == PickleKind::Opaque || isMeaning(objects, id, PickleMeaning::Unknown);
}

PickleId rebuildTensor(PickleObjects& objects, const std::vector<PickleId>& arguments, bool typed) {
    if (arguments.empty()) {
        refuseArguments("a tensor is rebuilt without arguments");
    }
    if (isForeign(objects, arguments[0])) {
        return objects.addOpaque(arguments[0]);
    }
    if (objects.kind(arguments[0]) != PickleKind::Storage) {
        refuseArguments("a tensor is rebuilt from something else than a storage");
    }
    const PickledStorage& storage = objects.storage(arguments[0]);
    PickledTensor tensor;
    tensor.storage = static_cast<std::size_t>(objects.integer(arguments[0]));
    std::optional<DType> dtype = storage.dtype;
    if (typed) {
        if (arguments.size() < usedArguments) {
            refuseArguments("a tensor is rebuilt without a dtype");
        }
        const PickleId last = arguments[usedArguments - 1];
        if (isForeign(objects, last)) {
            return objects.addOpaque(last);
        }
        dtype = isMeaning(objects, last, PickleMeaning::ElementType) ? objects.global(last).dtype : std::nullopt;
    }
    if (!dtype) {
        refuseArguments("a tensor is rebuilt from a storage without a dtype");
    }
    tensor.dtype = *dtype;
    tensor.offset = integerAt(objects, arguments, 1, "a tensor's storage offset");
    tensor.shape = dimsAt(objects, arguments, 2, "a tensor's shape");
    tensor.strides = dimsAt(objects, arguments, 3, "a tensor's strides");
    if (tensor.shape.size() != tensor.strides.size()) {
        refuseArguments("a tensor has " + std::to_string(tensor.shape.size()) + " axes and "
                        + std::to_string(tensor.strides.size()) + " strides");
    }
    return objects.addTensor(std::move(tensor));
}

PickleId rebuildParameter(PickleObjects& objects, const std::vector<PickleId>& arguments) {
    if (arguments.empty()) {
        refuseArguments("a parameter is rebuilt without a tensor");
    }
    if (isForeign(objects, arguments[0])) {
        return objects.addOpaque(arguments[0]);
    }
    if (objects.kind(arguments[0]) != PickleKind::Tensor) {
        refuseArguments("a parameter is rebuilt from something else than a tensor");
    }
    return arguments[0];
}

/// (function, class, its arguments, Python attributes): the attributes are left alone. Another class than torch's own
/// may give the numbers another meaning.
PickleId rebuildFromType(PickleObjects& objects, const std::vector<PickleId>& arguments) {
    if (arguments.size() < 3) {
        refuseArguments("a tensor is rebuilt from too few arguments");
    }
    for (const std::size_t i : {0u, 1u}) {
        if (isForeign(objects, arguments[i])) {
            return objects.addOpaque(arguments[i]);
        }
    }
    const bool fits = isMeaning(objects, arguments[1], PickleMeaning::TensorClass)
                      && (isMeaning(objects, arguments[0], PickleMeaning::RebuildTensor)
                          || isMeaning(objects, arguments[0], PickleMeaning::RebuildTensorTyped)
                          || isMeaning(objects, arguments[0], PickleMeaning::RebuildParameter));
    if (!fits) {
        refuseArguments("a tensor is rebuilt by something else than a function for tensors");
    }
    return rebuild(objects, arguments[0], arguments[2]);
}

PickleId orderedDict(PickleObjects& objects, const std::vector<PickleId>& arguments) {
    const PickleId dict = objects.add(PickleKind::Dict);
    if (arguments.empty()) {
        return dict;
    }
    if (objects.kind(arguments[0]) != PickleKind::List) {
        refuseArguments("an OrderedDict is made from something else than a list");
    }
    for (const PickleId pair : objects.children(arguments[0])) {
        const bool isSequence = objects.kind(pair) == PickleKind::List || objects.kind(pair) == PickleKind::Tuple;
        const std::vector<PickleId> entry = isSequence ? objects.children(pair, 3) : std::vector<PickleId>();
        if (entry.size() != 2) {
            refuseArguments("an OrderedDict is made from something else than pairs");
        }
        objects.append(dict, entry[0]);
        objects.append(dict, entry[1]);
    }
    return dict;
}

PickleId size(PickleObjects& objects, const std::vector<PickleId>& arguments) {
    if (arguments.empty()) {
        return objects.add(PickleKind::Tuple);
    }
    if (objects.kind(arguments[0]) != PickleKind::Tuple && objects.kind(arguments[0]) != PickleKind::List) {
        refuseArguments("a torch.Size is made from something else than a tuple");
    }
    return arguments[0];
}

/// Lists and dicts among the arguments are kept as the object's content: set([…]), defaultdict(list, {…}).
PickleId opaque(PickleObjects& objects, PickleId global, PickleId arguments) {
    const PickleId made = objects.addOpaque(global);
    if (objects.kind(arguments) == PickleKind::Tuple) {
        for (const PickleId argument : objects.children(arguments, usedArguments)) {
            if (objects.kind(argument) == PickleKind::List || objects.kind(argument) == PickleKind::Dict) {
                objects.append(made, argument);
            }
        }
    }
    return made;
}

/// ('storage', type, key, location, number of elements[, view]).
PickleId storageOf(PickleObjects& objects, const std::vector<PickleId>& values) {
    const bool isType = isForeign(objects, values[1]) || isMeaning(objects, values[1], PickleMeaning::Storage)
                        || isMeaning(objects, values[1], PickleMeaning::UntypedStorage);
    if (!isType) {
        refuseArguments("expected a storage type in a persistent id");
    }
    if (objects.text(values[2]).size() > maxKeyBytes) {
        refuseArguments("the key of a storage is longer than " + std::to_string(maxKeyBytes) + " bytes");
    }
    PickledStorage storage;
    storage.key = objects.text(values[2]);
    storage.dtype = objects.global(values[1]).dtype;
    storage.itemBytes = objects.global(values[1]).itemBytes;
    storage.numel = integerAt(objects, values, 4, "a storage's number of elements");
    storage.viewNumel = storage.numel;
    if (values.size() == 6 && objects.kind(values[5]) == PickleKind::Tuple) {
        // (key, offset, number of elements) of a part of another storage: files of PyTorch 0.3 and before.
        const std::vector<PickleId> view = objects.children(values[5], 4);
        storage.viewOffset = integerAt(objects, view, 1, "a view's offset");
        storage.viewNumel = integerAt(objects, view, 2, "a view's number of elements");
    }
    const bool isInside = storage.numel >= 0 && storage.numel <= maxElements && storage.viewOffset >= 0
                          && storage.viewNumel >= 0 && storage.viewOffset <= storage.numel
                          && storage.viewNumel <= storage.numel - storage.viewOffset;
    if (!isInside) {
        refuseArguments("a storage of " + std::to_string(storage.numel) + " elements, of which "
                        + std::to_string(storage.viewNumel) + " from element " + std::to_string(storage.viewOffset)
                        + " on are meant, is impossible");
    }
    return objects.addStorage(std::move(storage), values[1]);
}

}  // namespace

PickleId rebuild(PickleObjects& objects, PickleId global, PickleId arguments) {
    if (isForeign(objects, global)) {
        return opaque(objects, global, arguments);
    }
    if (objects.kind(global) != PickleKind::Global || objects.kind(arguments) != PickleKind::Tuple) {
        refuseArguments("expected a global and a tuple of arguments");
    }
    const std::vector<PickleId> values = objects.children(arguments, usedArguments);
    switch (objects.global(global).meaning) {
    case PickleMeaning::OrderedDict:
        return orderedDict(objects, values);
    case PickleMeaning::Size:
        return size(objects, values);
    case PickleMeaning::RebuildTensor:
        return rebuildTensor(objects, values, false);
    case PickleMeaning::RebuildTensorTyped:
        return rebuildTensor(objects, values, true);
    case PickleMeaning::RebuildParameter:
        return rebuildParameter(objects, values);
    case PickleMeaning::RebuildFromType:
        return rebuildFromType(objects, values);
    default:
        refuseArguments(objects.global(global).name + " is called, which is no function for tensors");
    }
}

PickleId persistentObject(PickleObjects& objects, PickleId persistentId) {
    const std::vector<PickleId> values =
        objects.kind(persistentId) == PickleKind::Tuple ? objects.children(persistentId, 7) : std::vector<PickleId>();
    const std::string_view what =
        !values.empty() && objects.kind(values[0]) == PickleKind::Text ? objects.text(values[0]) : std::string_view();
    if (what == "module" && values.size() == 4 && objects.kind(values[1]) == PickleKind::Global) {
        return values[1];  // ('module', class, source file, source code)
    }
    if (what != "storage" || values.size() < 5 || values.size() > 6 || objects.kind(values[2]) != PickleKind::Text) {
        refuseArguments("expected the persistent id ('storage', type, key, location, number of elements)");
    }
    return storageOf(objects, values);
}

}  // namespace bnstudio
