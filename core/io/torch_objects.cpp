// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/torch_objects.h"

#include "core/io/strided_tensor.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace bnstudio {

namespace {

// A pickle of a few hundred bytes can describe 2^39 leaves by sharing; what is walked, kept and named has limits.
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
constexpr std::size_t maxVisits = 20'000;  // a fuzzer would spend its time on nothing but walks up to the limit
#else
constexpr std::size_t maxVisits = 1'000'000;
#endif
constexpr std::size_t maxDepth = 100, maxPath = 1'000, maxNameBytes = std::size_t{8} << 20;
constexpr std::size_t maxRefused = 1'000, maxOthers = 10'000, maxVersions = 10'000, maxTransient = 100;
constexpr std::int64_t maxRepeatedBytes = std::int64_t{64} << 20;
constexpr std::string_view parameters = "_parameters", buffers = "_buffers", modules = "_modules",
                           transientNames = "_non_persistent_buffers_set", metadata = "_metadata";

std::string joined(const std::string& path, std::string_view key) {
    return path.empty() ? std::string(key) : path + "." + std::string(key);
}

/// Python's name of the type of a value that is neither a tensor nor a container.
const char* typeName(PickleKind kind) {
    switch (kind) {
    case PickleKind::None:
        return "NoneType";
    case PickleKind::Bool:
        return "bool";
    case PickleKind::Int:
    case PickleKind::BigInt:
        return "int";
    case PickleKind::Float:
        return "float";
    case PickleKind::Text:
        return "str";
    case PickleKind::Bytes:
        return "bytes";
    default:
        return "torch.storage.TypedStorage";
    }
}

class Walk {
public:
    Walk(const PickleObjects& objects, const std::string& label, const StorageBytes& bytesOf, bool bigEndian,
         TensorFile& file)
        : m_objects(objects),
          m_label(label),
          m_sharedLabel(std::make_shared<const std::string>(label)),
          m_bytesOf(bytesOf),
          m_bigEndian(bigEndian),
          m_file(file) {}

    /// @p blamed is the global that an object depends on which cannot be built; empty when there is none.
    void visit(PickleId id, const std::string& path, const std::string& blamed) {
        if (std::find(m_ancestors.begin(), m_ancestors.end(), id) != m_ancestors.end()) {
            refuse(m_label, "the object " + inQuotes(path) + " contains itself");
        }
        if (m_ancestors.size() >= maxDepth || path.size() > maxPath) {
            refuse(m_label, "the object " + inQuotes(path) + " is nested too deep, expected at most "
                                + std::to_string(maxDepth) + " levels and names of " + std::to_string(maxPath)
                                + " bytes");
        }
        m_ancestors.push_back(id);
        enter(id, path, blamed);
        m_ancestors.pop_back();
    }

private:
    using Entries = std::vector<std::pair<PickleId, PickleId>>;

    void enter(PickleId id, const std::string& path, const std::string& blamed) {
        switch (m_objects.kind(id)) {
        case PickleKind::Tensor:
            blamed.empty() ? addTensor(id, path) : addRefused(path, blamed);
            return;
        case PickleKind::List:
        case PickleKind::Tuple:
        case PickleKind::Set:
            visitSequence(id, path, blamed);
            return;
        case PickleKind::Dict:
            for (const auto& [key, value] : entries(id)) {
                visit(value, joined(path, keyText(key)), blamed);
            }
            if (blamed.empty() && m_objects.state(id) != noPickleId) {
                addVersions(m_objects.state(id), path);
            }
            return;
        case PickleKind::Opaque:
            addRefused(path, m_objects.global(id).name);
            visitOpaque(id, path, blamed);
            return;
        case PickleKind::Global:
            if (m_objects.global(id).meaning == PickleMeaning::Unknown) {
                addRefused(path, m_objects.global(id).name);
            }
            return;
        default:
            if (blamed.empty()) {
                addOther(path, typeName(m_objects.kind(id)));
            }
            return;
        }
    }

    std::vector<PickleId> children(PickleId id) {
        std::vector<PickleId> result = m_objects.children(id, maxVisits - m_visits + 1);
        m_visits += result.size();
        if (m_visits > maxVisits) {
            refuse(m_label, "its objects refer to one another more than " + std::to_string(maxVisits) + " times");
        }
        return result;
    }

    Entries entries(PickleId dict) {
        const std::vector<PickleId> flat = children(dict);
        Entries result;
        for (std::size_t i = 0; i + 1 < flat.size(); i += 2) {
            result.emplace_back(flat[i], flat[i + 1]);
        }
        return result;
    }

    bool isKey(PickleId key, std::string_view text) const {
        return m_objects.kind(key) == PickleKind::Text && m_objects.text(key) == text;
    }

    std::string keyText(PickleId key) const {
        switch (m_objects.kind(key)) {
        case PickleKind::Text:
            return std::string(m_objects.text(key).substr(0, maxPath + 1));
        case PickleKind::Int:
            return std::to_string(m_objects.integer(key));
        case PickleKind::Bool:
            return m_objects.integer(key) != 0 ? "True" : "False";
        default:
            return "?";
        }
    }

    void visitSequence(PickleId id, const std::string& path, const std::string& blamed) {
        std::size_t index = 0;
        for (const PickleId child : children(id)) {
            visit(child, joined(path, std::to_string(index++)), blamed);
        }
    }

    /// A saved module is an object of a class that is not known, whose state has the three dicts of torch.nn.Module.
    /// Tensors that lie elsewhere in an opaque object mean what its class makes of them.
    void visitOpaque(PickleId id, const std::string& path, const std::string& blamed) {
        const std::string& global = m_objects.global(id).name;
        for (const PickleId child : children(id)) {
            visit(child, path, global);
        }
        const PickleId state = m_objects.state(id);
        if (state == noPickleId) {
            return;
        }
        if (m_objects.kind(state) != PickleKind::Dict) {
            visit(state, path, global);
            return;
        }
        std::vector<std::string> transient;
        const Entries attributes = entries(state);
        for (const auto& [key, value] : attributes) {
            if (isKey(key, transientNames)) {
                transient = names(value);
            }
        }
        for (const auto& [key, value] : attributes) {
            const bool isModule = blamed.empty() && m_objects.kind(value) == PickleKind::Dict;
            if (isModule && (isKey(key, parameters) || isKey(key, modules))) {
                visit(value, path, {});
            } else if (isModule && isKey(key, buffers)) {
                visitBuffers(value, path, transient);
            } else {
                visit(value, joined(path, keyText(key)), global);
            }
        }
    }

    /// state_dict() leaves out the buffers that are not persistent.
    void visitBuffers(PickleId dict, const std::string& path, const std::vector<std::string>& transient) {
        for (const auto& [key, value] : entries(dict)) {
            const std::string name = keyText(key);
            if (std::find(transient.begin(), transient.end(), name) == transient.end()) {
                visit(value, joined(path, name), {});
            }
        }
    }

    /// The texts of a set, which older protocols write as a call of the class set: an opaque object with a list.
    std::vector<std::string> names(PickleId set) {
        std::vector<std::string> result;
        for (const PickleId child : children(set)) {
            if (m_objects.kind(child) == PickleKind::Text && result.size() < maxTransient) {
                result.push_back(keyText(child));
            } else if (m_objects.kind(child) == PickleKind::List && m_objects.kind(set) == PickleKind::Opaque) {
                return names(child);
            }
        }
        return result;
    }

    void addTensor(PickleId id, const std::string& path) {
        const PickledTensor& tensor = m_objects.tensor(id);
        const PickledStorage& storage = m_objects.storages()[tensor.storage];
        StridedLayout layout{tensor.dtype, tensor.shape, tensor.strides, tensor.offset, m_bigEndian};
        auto lazy = std::make_shared<const StridedTensor>(path, m_sharedLabel, std::move(layout), m_bytesOf(storage));
        m_repeatedBytes += std::min(lazy->repeatedBytes(), maxRepeatedBytes + 1);
        if (m_repeatedBytes > maxRepeatedBytes) {
            refuse(m_label + ": tensor " + inQuotes(path),
                   "its shape " + shapeText(tensor.shape) + " repeats the " + std::to_string(storage.viewNumel)
                       + " elements of its storage; expected at most 64 MiB of repeated elements in a file");
        }
        countName(path);
        const auto [place, isNew] = m_index.emplace(path, m_file.tensors.size());
        if (isNew) {
            if (m_file.tensors.size() >= PickleObjects::maxTensors) {
                refuse(m_label, "holds more than " + std::to_string(PickleObjects::maxTensors) + " tensors");
            }
            m_file.tensors.push_back(std::move(lazy));
            return;
        }
        // As in Python, what a key is given last counts.
        m_file.tensors[place->second] = std::move(lazy);
        m_file.notes.push_back("several tensors have the name " + inQuotes(path) + "; the last one is used");
    }

    void addRefused(const std::string& path, const std::string& global) {
        const bool isKnown =
            !m_file.refused.empty() && m_file.refused.back().where == path && m_file.refused.back().global == global;
        if (!isKnown && m_file.refused.size() < maxRefused && m_nameBytes < maxNameBytes / 2) {
            countName(path);
            m_file.refused.push_back({path, global});
        }
    }

    void addOther(const std::string& path, const char* type) {
        if (m_file.others.size() < maxOthers && m_nameBytes < maxNameBytes / 2) {
            countName(path);
            m_file.others.push_back({path, type});
        }
    }

    /// `_metadata`: a dict from module paths to dicts with the module's version.
    void addVersions(PickleId state, const std::string& path) {
        if (m_objects.kind(state) != PickleKind::Dict) {
            return;
        }
        for (const auto& [attribute, dict] : entries(state)) {
            if (!isKey(attribute, metadata) || m_objects.kind(dict) != PickleKind::Dict) {
                continue;
            }
            for (const auto& [key, facts] : entries(dict)) {
                const std::string module = keyText(key);
                addVersion(module.empty() ? path : joined(path, module), facts);
            }
        }
    }

    void addVersion(const std::string& module, PickleId facts) {
        if (m_objects.kind(facts) != PickleKind::Dict || m_file.moduleVersions.size() >= maxVersions) {
            return;
        }
        for (const auto& [key, value] : entries(facts)) {
            if (isKey(key, "version") && m_objects.kind(value) == PickleKind::Int) {
                countName(module);
                m_file.moduleVersions[module] =
                    static_cast<int>(std::clamp<std::int64_t>(m_objects.integer(value), 0, 1'000'000));
            }
        }
    }

    void countName(const std::string& name) {
        m_nameBytes += name.size();
        if (m_nameBytes > maxNameBytes) {
            refuse(m_label, "has names of more than " + std::to_string(maxNameBytes) + " bytes in all");
        }
    }

    const PickleObjects& m_objects;
    const std::string& m_label;
    std::shared_ptr<const std::string> m_sharedLabel;
    const StorageBytes& m_bytesOf;
    bool m_bigEndian;
    TensorFile& m_file;
    std::vector<PickleId> m_ancestors;
    std::size_t m_visits = 0, m_nameBytes = 0;
    std::int64_t m_repeatedBytes = 0;
    std::unordered_map<std::string, std::size_t> m_index;
};

}  // namespace

std::uint64_t storageBytes(const PickledStorage& storage, std::int64_t elements) {
    return static_cast<std::uint64_t>(elements) * storage.itemBytes;
}

namespace {

/// One sentence for all of them; TensorFile::refused has the list.
std::string noteOnRefused(const std::vector<RefusedObject>& refused) {
    const RefusedObject& first = refused.front();
    std::string note = (first.where.empty() ? std::string("the object") : inQuotes(first.where)) + " is made by "
                       + inQuotes(first.global) + ", which is never imported";
    if (refused.size() > 1) {
        note += ", and " + std::to_string(refused.size() - 1) + " more like it";
    }
    return note + "; what depends on that was left out";
}

}  // namespace

void collectTensors(const PickleObjects& objects, PickleId root, const std::string& label, const StorageBytes& bytesOf,
                    bool bigEndian, TensorFile& file) {
    Walk(objects, label, bytesOf, bigEndian, file).visit(root, {}, {});
    for (const PickleGlobal& global : objects.globals()) {
        file.globals.push_back({global.name, global.meaning == PickleMeaning::Unknown});
    }
    if (file.refused.empty()) {
        return;
    }
    file.notes.push_back(noteOnRefused(file.refused));
    if (file.tensors.empty()) {
        refuse(label, "holds no tensor that can be read: " + file.notes.back());
    }
}

}  // namespace bnstudio
