// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/unpickler.h"

#include "core/io/pickle_rebuild.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <utility>

namespace bnstudio {

namespace {

constexpr std::size_t blockBytes = std::size_t{64} << 10;

}  // namespace

Unpickler::Unpickler(const ByteSource& source, std::uint64_t begin, std::string where, PickleObjects& objects)
    : m_source(source), m_begin(begin), m_where(std::move(where)), m_objects(objects) {}

void Unpickler::refuseHere(const std::string& reason) const {
    const auto& globals = m_objects.globals();
    const auto foreign = std::find_if(globals.begin(), globals.end(), [](const PickleGlobal& global) {
        return global.meaning == PickleMeaning::Unknown;
    });
    refuse(m_where,
           "byte " + std::to_string(m_begin + m_opcodeAt) + " of the pickle: " + reason
               + (foreign == globals.end() ? std::string()
                                           : "; it asks for " + inQuotes(foreign->name) + ", which is never imported"));
}

PickleId Unpickler::load() {
    m_stack.clear();
    m_memo.clear();
    m_marks.clear();
    try {
        for (;;) {
            m_opcodeAt = m_at;
            if (++m_operations > maxOperations) {
                throw PickleFault("more than " + std::to_string(maxOperations) + " operations");
            }
            const auto opcode = static_cast<PickleOpcode>(number(1));
            if (opcode == PickleOpcode::Stop) {
                return pop();
            }
            step(opcode);
        }
    } catch (const PickleFault& fault) {
        refuseHere(fault.what());
    }
}

void Unpickler::need(std::uint64_t count) {
    std::vector<char>& bytes = m_objects.bytes();
    if (count <= bytes.size() - m_at) {
        return;
    }
    const std::uint64_t left = m_source.size() - m_begin - bytes.size();
    const std::uint64_t missing = count - (bytes.size() - m_at);
    if (missing > left) {
        throw PickleFault("the pickle ends after " + std::to_string(bytes.size() + left) + " bytes, expected "
                          + std::to_string(missing - left) + " more");
    }
    if (m_at + count > maxBytes) {
        throw PickleFault("the pickle is longer than " + std::to_string(maxBytes) + " bytes");
    }
    const std::size_t known = bytes.size();
    bytes.resize(known + static_cast<std::size_t>(std::min(left, std::max<std::uint64_t>(missing, blockBytes))));
    m_source.readAt(m_begin + known, std::as_writable_bytes(std::span(bytes).subspan(known)));
}

std::size_t Unpickler::take(std::uint64_t count) {
    need(count);
    return std::exchange(m_at, m_at + static_cast<std::size_t>(count));
}

std::uint64_t Unpickler::number(std::size_t bytes) {
    const std::size_t at = take(bytes);
    std::uint64_t value = 0;
    for (std::size_t i = bytes; i-- > 0;) {
        value = value << 8 | static_cast<std::uint8_t>(m_objects.bytes()[at + i]);
    }
    return value;
}

std::string Unpickler::line() {
    std::string text;
    for (;;) {
        const char c = m_objects.bytes()[take(1)];
        if (c == '\n') {
            return text;
        }
        text += c;
        if (text.size() > maxNameBytes) {
            throw PickleFault("a name is longer than " + std::to_string(maxNameBytes) + " bytes");
        }
    }
}

void Unpickler::readText(PickleKind kind, std::size_t lengthBytes) {
    const std::uint64_t length = number(lengthBytes);
    if (length > maxBytes) {
        throw PickleFault("a text of " + std::to_string(length) + " bytes, expected at most "
                          + std::to_string(maxBytes));
    }
    const std::size_t at = take(length);
    push(m_objects.addText(kind, at, static_cast<std::size_t>(length)));
}

void Unpickler::step(PickleOpcode opcode) {
    if (stepValue(opcode) || stepContainer(opcode) || stepMemo(opcode) || stepObject(opcode)) {
        return;
    }
    char code[8];
    std::snprintf(code, sizeof code, "0x%02x", static_cast<unsigned>(opcode));
    throw PickleFault(std::string("the operation ") + code + " is not read, expected pickle protocol 2 to 5");
}

bool Unpickler::stepValue(PickleOpcode opcode) {
    switch (opcode) {
    case PickleOpcode::None:
        push(m_objects.add(PickleKind::None));
        return true;
    case PickleOpcode::NewTrue:
    case PickleOpcode::NewFalse:
        push(m_objects.add(PickleKind::Bool, opcode == PickleOpcode::NewTrue));
        return true;
    case PickleOpcode::BinInt:
        push(m_objects.add(PickleKind::Int, static_cast<std::int32_t>(static_cast<std::uint32_t>(number(4)))));
        return true;
    case PickleOpcode::BinInt1:
        push(m_objects.add(PickleKind::Int, static_cast<std::int64_t>(number(1))));
        return true;
    case PickleOpcode::BinInt2:
        push(m_objects.add(PickleKind::Int, static_cast<std::int64_t>(number(2))));
        return true;
    case PickleOpcode::Long1:
    case PickleOpcode::Long4:
        readLong(opcode == PickleOpcode::Long1 ? 1 : 4);
        return true;
    case PickleOpcode::BinFloat:
        readFloat();
        return true;
    case PickleOpcode::BinUnicode:
    case PickleOpcode::BinString:
        readText(PickleKind::Text, 4);
        return true;
    case PickleOpcode::ShortBinUnicode:
    case PickleOpcode::ShortBinString:
        readText(PickleKind::Text, 1);
        return true;
    case PickleOpcode::BinUnicode8:
        readText(PickleKind::Text, 8);
        return true;
    case PickleOpcode::BinBytes:
        readText(PickleKind::Bytes, 4);
        return true;
    case PickleOpcode::ShortBinBytes:
        readText(PickleKind::Bytes, 1);
        return true;
    case PickleOpcode::BinBytes8:
    case PickleOpcode::ByteArray8:
        readText(PickleKind::Bytes, 8);
        return true;
    default:
        return false;
    }
}

bool Unpickler::stepContainer(PickleOpcode opcode) {
    switch (opcode) {
    case PickleOpcode::EmptyList:
        makeContainer(PickleKind::List, {});
        return true;
    case PickleOpcode::EmptyTuple:
        makeContainer(PickleKind::Tuple, {});
        return true;
    case PickleOpcode::EmptyDict:
        makeContainer(PickleKind::Dict, {});
        return true;
    case PickleOpcode::EmptySet:
        makeContainer(PickleKind::Set, {});
        return true;
    case PickleOpcode::List:
        makeContainer(PickleKind::List, popToMark());
        return true;
    case PickleOpcode::Tuple:
        makeContainer(PickleKind::Tuple, popToMark());
        return true;
    case PickleOpcode::Dict:
        makeContainer(PickleKind::Dict, popToMark());
        return true;
    case PickleOpcode::FrozenSet:
        makeContainer(PickleKind::Set, popToMark());
        return true;
    case PickleOpcode::Tuple1:
        tupleOf(1);
        return true;
    case PickleOpcode::Tuple2:
        tupleOf(2);
        return true;
    case PickleOpcode::Tuple3:
        tupleOf(3);
        return true;
    case PickleOpcode::Append:
        addTo({{pop()}}, false);
        return true;
    case PickleOpcode::Appends:
    case PickleOpcode::AddItems:
        addTo(popToMark(), false);
        return true;
    case PickleOpcode::SetItem: {
        const PickleId value = pop();
        const PickleId key = pop();
        addTo({{key, value}}, true);
        return true;
    }
    case PickleOpcode::SetItems:
        addTo(popToMark(), true);
        return true;
    default:
        return false;
    }
}

bool Unpickler::stepMemo(PickleOpcode opcode) {
    switch (opcode) {
    case PickleOpcode::Mark:
        if (m_marks.size() >= maxMarks) {
            throw PickleFault("containers are nested more than " + std::to_string(maxMarks) + " deep");
        }
        m_marks.push_back(m_stack.size());
        return true;
    case PickleOpcode::Pop:
        // As in CPython, a mark may stand in for an object.
        if (!m_marks.empty() && m_marks.back() == m_stack.size()) {
            m_marks.pop_back();
        } else {
            pop();
        }
        return true;
    case PickleOpcode::PopMark:
        popToMark();
        return true;
    case PickleOpcode::Dup:
        push(top());
        return true;
    case PickleOpcode::BinGet:
        recall(number(1));
        return true;
    case PickleOpcode::LongBinGet:
        recall(number(4));
        return true;
    case PickleOpcode::BinPut:
        remember(number(1));
        return true;
    case PickleOpcode::LongBinPut:
        remember(number(4));
        return true;
    case PickleOpcode::Memoize:
        remember(m_memo.size());
        return true;
    default:
        return false;
    }
}

bool Unpickler::stepObject(PickleOpcode opcode) {
    switch (opcode) {
    case PickleOpcode::Proto:
        readProtocol();
        return true;
    case PickleOpcode::Frame:
        skipFrame();
        return true;
    case PickleOpcode::Global: {
        const std::string module = line();
        pushGlobal(module, line());
        return true;
    }
    case PickleOpcode::StackGlobal:
        stackGlobal();
        return true;
    case PickleOpcode::Inst:
    case PickleOpcode::Obj:
        instance(opcode == PickleOpcode::Inst);
        return true;
    case PickleOpcode::Reduce:
    case PickleOpcode::NewObj:
        construct(1);
        return true;
    case PickleOpcode::NewObjEx:
        construct(2);
        return true;
    case PickleOpcode::Build:
        build();
        return true;
    case PickleOpcode::BinPersId:
        push(persistentObject(m_objects, pop()));
        return true;
    default:
        return false;
    }
}

void Unpickler::readProtocol() {
    const std::uint64_t protocol = number(1);
    if (protocol > 5) {
        throw PickleFault("is of protocol " + std::to_string(protocol) + ", expected 2 to 5");
    }
}

void Unpickler::skipFrame() {
    // A frame is a hint for readers without random access; only its length can be wrong.
    const std::uint64_t length = number(8);
    const std::uint64_t left = m_source.size() - position();
    if (length > left) {
        throw PickleFault("a frame of " + std::to_string(length) + " bytes, but " + std::to_string(left) + " are left");
    }
}

void Unpickler::readLong(std::size_t lengthBytes) {
    const std::uint64_t length = number(lengthBytes);
    if (length > 8) {
        const std::size_t at = take(length);
        push(m_objects.addText(PickleKind::BigInt, at, static_cast<std::size_t>(length)));
        return;
    }
    std::uint64_t value = number(static_cast<std::size_t>(length));
    if (length > 0 && length < 8 && value >> (8 * length - 1) != 0) {
        value |= ~std::uint64_t{0} << (8 * length);  // two's complement: the sign fills the rest
    }
    push(m_objects.add(PickleKind::Int, static_cast<std::int64_t>(value)));
}

void Unpickler::readFloat() {
    // The one big-endian thing in a pickle.
    const std::size_t at = take(8);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        bits = bits << 8 | static_cast<std::uint8_t>(m_objects.bytes()[at + i]);
    }
    push(m_objects.addFloat(std::bit_cast<double>(bits)));
}

}  // namespace bnstudio
