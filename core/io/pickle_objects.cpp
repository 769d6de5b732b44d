// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/pickle_objects.h"

#include <bit>
#include <utility>

namespace bnstudio {

namespace {

void expectBelow(std::size_t count, std::size_t limit, const char* what) {
    if (count >= limit) {
        throw PickleFault("the pickle has more than " + std::to_string(limit) + " " + what);
    }
}

}  // namespace

PickleId PickleObjects::add(PickleKind kind, std::int64_t value) {
    expectBelow(m_nodes.size(), maxObjects, "objects");
    m_nodes.push_back({value, noPickleId, noPickleId, noPickleId, kind});
    return static_cast<PickleId>(m_nodes.size() - 1);
}

PickleId PickleObjects::addFloat(double value) {
    return add(PickleKind::Float, std::bit_cast<std::int64_t>(value));
}

PickleId PickleObjects::addText(PickleKind kind, std::size_t offset, std::size_t length) {
    const PickleId id = add(kind, static_cast<std::int64_t>(offset));
    m_nodes[id].first = static_cast<std::uint32_t>(length);
    return id;
}

PickleId PickleObjects::addGlobal(const std::string& module, const std::string& name) {
    PickleGlobal global = pickleGlobal(module, name);
    auto found = m_globalIndex.find(global.name);
    if (found == m_globalIndex.end()) {
        expectBelow(m_globals.size(), maxGlobals, "different imports");
        found = m_globalIndex.emplace(global.name, m_globals.size()).first;
        m_globals.push_back(std::move(global));
    }
    return add(PickleKind::Global, static_cast<std::int64_t>(found->second));
}

PickleId PickleObjects::addStorage(PickledStorage storage, PickleId type) {
    expectBelow(m_storages.size(), maxTensors, "storages");
    m_storages.push_back(std::move(storage));
    if (kind(type) == PickleKind::Opaque || global(type).meaning == PickleMeaning::Unknown) {
        return addOpaque(type);
    }
    return add(PickleKind::Storage, static_cast<std::int64_t>(m_storages.size() - 1));
}

PickleId PickleObjects::addTensor(PickledTensor tensor) {
    expectBelow(m_tensors.size(), maxTensors, "tensors");
    m_tensors.push_back(std::move(tensor));
    return add(PickleKind::Tensor, static_cast<std::int64_t>(m_tensors.size() - 1));
}

PickleId PickleObjects::addOpaque(PickleId blamed) {
    return add(PickleKind::Opaque, m_nodes[blamed].value);
}

void PickleObjects::append(PickleId container, PickleId child) {
    expectBelow(m_links.size(), maxLinks, "entries in its containers");
    const auto link = static_cast<std::uint32_t>(m_links.size());
    m_links.push_back({child, noPickleId});
    Node& node = m_nodes[container];
    if (node.last == noPickleId) {
        node.first = link;
    } else {
        m_links[node.last].next = link;
    }
    node.last = link;
}

void PickleObjects::setState(PickleId object, PickleId state) {
    m_nodes[object].state = state;
}

double PickleObjects::number(PickleId id) const {
    return std::bit_cast<double>(m_nodes[id].value);
}

std::string_view PickleObjects::text(PickleId id) const {
    return {m_bytes.data() + m_nodes[id].value, m_nodes[id].first};
}

std::vector<PickleId> PickleObjects::children(PickleId id, std::size_t limit) const {
    std::vector<PickleId> result;
    for (std::uint32_t link = m_nodes[id].first; link != noPickleId && result.size() < limit;) {
        result.push_back(m_links[link].child);
        link = m_links[link].next;
    }
    return result;
}

PickleId PickleObjects::state(PickleId object) const {
    return m_nodes[object].state;
}

const PickleGlobal& PickleObjects::global(PickleId id) const {
    return m_globals[static_cast<std::size_t>(m_nodes[id].value)];
}

}  // namespace bnstudio
