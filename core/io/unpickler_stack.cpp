// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/pickle_rebuild.h"
#include "core/io/unpickler.h"

// The stack, the memo and what is built on them.

namespace bnstudio {

PickleId Unpickler::top() const {
    // What lies below a mark belongs to the container outside.
    if (m_stack.size() <= (m_marks.empty() ? 0 : m_marks.back())) {
        throw PickleFault("takes an object from an empty stack");
    }
    return m_stack.back();
}

PickleId Unpickler::pop() {
    const PickleId id = top();
    m_stack.pop_back();
    return id;
}

void Unpickler::push(PickleId id) {
    if (m_stack.size() >= maxStack) {
        throw PickleFault("more than " + std::to_string(maxStack) + " objects on the stack");
    }
    m_stack.push_back(id);
}

std::vector<PickleId> Unpickler::popToMark() {
    if (m_marks.empty()) {
        throw PickleFault("ends a container that was not begun");
    }
    const auto begin = m_stack.begin() + static_cast<std::ptrdiff_t>(m_marks.back());
    std::vector<PickleId> values(begin, m_stack.end());
    m_stack.erase(begin, m_stack.end());
    m_marks.pop_back();
    return values;
}

void Unpickler::fill(PickleId container, std::span<const PickleId> values) {
    if (m_objects.kind(container) == PickleKind::Dict && values.size() % 2 != 0) {
        throw PickleFault("a key without a value");
    }
    for (const PickleId value : values) {
        m_objects.append(container, value);
    }
}

void Unpickler::makeContainer(PickleKind kind, std::span<const PickleId> values) {
    const PickleId container = m_objects.add(kind);
    fill(container, values);
    push(container);
}

void Unpickler::tupleOf(std::size_t count) {
    std::vector<PickleId> values(count);
    for (std::size_t i = count; i-- > 0;) {
        values[i] = pop();
    }
    makeContainer(PickleKind::Tuple, values);
}

/// The list or dict of what was put into an opaque object.
PickleId Unpickler::insideOpaque(PickleId opaque, PickleKind kind) {
    for (const PickleId child : m_objects.children(opaque, 8)) {
        if (m_objects.kind(child) == kind) {
            return child;
        }
    }
    const PickleId made = m_objects.add(kind);
    m_objects.append(opaque, made);
    return made;
}

void Unpickler::addTo(std::span<const PickleId> values, bool pairs) {
    const PickleId target = top();
    const PickleKind kind = m_objects.kind(target);
    if (kind == PickleKind::Opaque) {
        fill(insideOpaque(target, pairs ? PickleKind::Dict : PickleKind::List), values);
    } else if (pairs ? kind == PickleKind::Dict : kind == PickleKind::List || kind == PickleKind::Set) {
        fill(target, values);
    } else {
        throw PickleFault(std::string("puts entries into something that is no ") + (pairs ? "dict" : "list"));
    }
}

void Unpickler::remember(std::uint64_t index) {
    if (index >= maxMemo) {
        throw PickleFault("memo entry " + std::to_string(index) + ", expected less than " + std::to_string(maxMemo));
    }
    const PickleId id = top();
    if (index >= m_memo.size()) {
        m_memo.resize(static_cast<std::size_t>(index) + 1, noPickleId);
    }
    m_memo[static_cast<std::size_t>(index)] = id;
}

void Unpickler::recall(std::uint64_t index) {
    if (index >= m_memo.size() || m_memo[static_cast<std::size_t>(index)] == noPickleId) {
        throw PickleFault("memo entry " + std::to_string(index) + " was never set");
    }
    push(m_memo[static_cast<std::size_t>(index)]);
}

void Unpickler::stackGlobal() {
    const PickleId name = pop();
    const PickleId module = pop();
    if (m_objects.kind(name) != PickleKind::Text || m_objects.kind(module) != PickleKind::Text) {
        throw PickleFault("the name of a global is no text");
    }
    pushGlobal(std::string(m_objects.text(module).substr(0, maxNameBytes + 1)),
               std::string(m_objects.text(name).substr(0, maxNameBytes + 1)));
}

void Unpickler::pushGlobal(const std::string& module, const std::string& name) {
    if (module.size() > maxNameBytes || name.size() > maxNameBytes) {
        throw PickleFault("a name is longer than " + std::to_string(maxNameBytes) + " bytes");
    }
    push(m_objects.addGlobal(module, name));
}

/// INST names its class, OBJ has it as the first object behind the mark.
void Unpickler::instance(bool isNamed) {
    if (isNamed) {
        const std::string module = line();
        pushGlobal(module, line());
        const PickleId global = pop();
        const std::vector<PickleId> arguments = popToMark();
        makeContainer(PickleKind::Tuple, arguments);
        push(rebuild(m_objects, global, pop()));
        return;
    }
    const std::vector<PickleId> values = popToMark();
    if (values.empty()) {
        throw PickleFault("builds an object without a class");
    }
    makeContainer(PickleKind::Tuple, std::span(values).subspan(1));
    push(rebuild(m_objects, values.front(), pop()));
}

/// REDUCE and NEWOBJ: a global and its tuple of arguments; NEWOBJ_EX has a dict of arguments more.
void Unpickler::construct(std::size_t arguments) {
    if (arguments > 1) {
        pop();
    }
    const PickleId tuple = pop();
    push(rebuild(m_objects, pop(), tuple));
}

void Unpickler::build() {
    const PickleId state = pop();
    const PickleKind kind = m_objects.kind(top());
    if (kind != PickleKind::Dict && kind != PickleKind::Opaque) {
        throw PickleFault("sets the state of something that has none");
    }
    m_objects.setState(top(), state);
}

}  // namespace bnstudio
