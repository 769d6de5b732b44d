// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/pickle_globals.h"
#include "core/tensor/tensor.h"

#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bnstudio {

enum class PickleKind : std::uint8_t {
    None,
    Bool,
    Int,
    BigInt,  ///< beyond 64 bits; its bytes are kept, little-endian
    Float,
    Text,
    Bytes,
    List,
    Tuple,
    Set,
    Dict,  ///< children are key, value, key, value, …
    Global,
    Storage,
    Tensor,
    Opaque,  ///< built by a global that is not known; children are dicts and lists of what was put into it
};

/// What is wrong with a pickle, without the place: the Unpickler adds that and throws an Error.
class PickleFault : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Names an object of PickleObjects.
using PickleId = std::uint32_t;
constexpr PickleId noPickleId = std::numeric_limits<PickleId>::max();

/// A storage as a persistent id describes it: ('storage', type, key, location, numel[, view]). Elements of @p dtype, or
/// of @p itemBytes that a rebuild function says how to take; 0 when the type is not known at all.
struct PickledStorage {
    std::string key;
    std::optional<DType> dtype;
    std::size_t itemBytes = 0;
    std::int64_t numel = 0;
    std::int64_t viewOffset = 0, viewNumel = 0;  ///< the part of it that is meant, else all of it
};

/// The arguments of a rebuild function, not yet held against the storage's true size.
struct PickledTensor {
    std::size_t storage = 0;  ///< index in PickleObjects::storages
    DType dtype = DType::Float32;
    std::int64_t offset = 0;  ///< in elements
    Dims shape, strides;
};

/// The objects that pickles describe, as plain data. All of them live in one arena under fixed limits, so that a small
/// file cannot make a large program: an object takes 24 bytes, its place in a container 8.
class PickleObjects {
public:
    static constexpr std::size_t maxObjects = 1'000'000, maxLinks = 1'500'000, maxTensors = 32'768;
    static constexpr std::size_t maxGlobals = 10'000;

    /// Adders throw PickleFault when a limit is reached.
    PickleId add(PickleKind kind, std::int64_t value = 0);
    PickleId addFloat(double value);
    PickleId addText(PickleKind kind, std::size_t offset, std::size_t length);
    PickleId addGlobal(const std::string& module, const std::string& name);
    /// An opaque object when @p type, the global of its type, is not known.
    PickleId addStorage(PickledStorage storage, PickleId type);
    PickleId addTensor(PickledTensor tensor);
    /// An object of a global that is not known.
    PickleId addOpaque(PickleId blamed);
    void append(PickleId container, PickleId child);
    /// What BUILD gave to a dict or to an opaque object; the last one counts.
    void setState(PickleId object, PickleId state);

    PickleKind kind(PickleId id) const { return m_nodes[id].kind; }
    std::int64_t integer(PickleId id) const { return m_nodes[id].value; }
    double number(PickleId id) const;
    /// Of Text, Bytes and BigInt, inside the pickle's bytes.
    std::string_view text(PickleId id) const;
    /// The first @p limit of them.
    std::vector<PickleId> children(PickleId id, std::size_t limit = maxLinks) const;
    PickleId state(PickleId object) const;
    /// Of a global, and of an opaque object the one that it is opaque for.
    const PickleGlobal& global(PickleId id) const;
    const PickledStorage& storage(PickleId id) const { return m_storages[static_cast<std::size_t>(integer(id))]; }
    const PickledTensor& tensor(PickleId id) const { return m_tensors[static_cast<std::size_t>(integer(id))]; }

    /// Every distinct global in order of appearance.
    const std::vector<PickleGlobal>& globals() const { return m_globals; }
    const std::vector<PickledStorage>& storages() const { return m_storages; }
    /// The bytes that texts refer to; a reader appends to it what it has read.
    std::vector<char>& bytes() { return m_bytes; }

private:
    struct Node {
        std::int64_t value;         // Text: offset of its bytes; Global, Opaque, Storage, Tensor: index
        std::uint32_t first, last;  // links of the children; Text: first is the length
        PickleId state;
        PickleKind kind;
    };
    struct Link {
        PickleId child;
        std::uint32_t next;
    };
    std::deque<Node> m_nodes;
    std::deque<Link> m_links;
    std::vector<PickleGlobal> m_globals;
    std::unordered_map<std::string, std::size_t> m_globalIndex;
    std::vector<PickledStorage> m_storages;
    std::vector<PickledTensor> m_tensors;
    std::vector<char> m_bytes;
};

}  // namespace bnstudio
