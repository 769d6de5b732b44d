// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/input_file.h"
#include "core/io/pickle_objects.h"
#include "core/io/pickle_opcodes.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bnstudio {

/// Reads pickles of protocols 2 to 5 (Python's Lib/pickletools.py says what each opcode does) into PickleObjects.
/// A pickle is a program for a small machine with a stack and a memo; here it can build plain data and nothing else: no
/// global is resolved, nothing is called. Time and memory are bounded by the pickle's own length and by the limits
/// below. Every error is an Error(BadInput) with the byte offset and, when the pickle wants to import something foreign,
/// its name.
class Unpickler {
public:
    static constexpr std::uint64_t maxBytes = std::uint64_t{64} << 20;
    static constexpr std::uint64_t maxOperations = 8'000'000;
    static constexpr std::size_t maxStack = 1'000'000, maxMemo = 1'000'000, maxMarks = 1'000;
    static constexpr std::size_t maxNameBytes = 256;  ///< of a global

    /// @p source is read from byte @p begin on; @p where starts every message.
    Unpickler(const ByteSource& source, std::uint64_t begin, std::string where, PickleObjects& objects);

    /// The next pickle, up to its STOP. Memo and stack start anew with each.
    PickleId load();
    /// The byte behind the last pickle.
    std::uint64_t position() const { return m_begin + m_at; }
    /// Throws Error(BadInput): the place, the reason, and the first foreign global if there is one.
    [[noreturn]] void refuseHere(const std::string& reason) const;

private:
    // The bytes. They are kept in PickleObjects from m_base on, for the texts that refer to them.
    void need(std::uint64_t count);
    std::size_t take(std::uint64_t count);
    std::uint64_t number(std::size_t bytes);
    std::string line();
    void readText(PickleKind kind, std::size_t lengthBytes);

    void step(PickleOpcode opcode);
    bool stepValue(PickleOpcode opcode);
    bool stepContainer(PickleOpcode opcode);
    bool stepMemo(PickleOpcode opcode);
    bool stepObject(PickleOpcode opcode);
    void readProtocol();
    void readLong(std::size_t lengthBytes);
    void readFloat();
    void skipFrame();

    PickleId pop();
    PickleId top() const;
    void push(PickleId id);
    std::vector<PickleId> popToMark();
    void fill(PickleId container, std::span<const PickleId> values);
    void makeContainer(PickleKind kind, std::span<const PickleId> values);
    void tupleOf(std::size_t count);
    void addTo(std::span<const PickleId> values, bool pairs);
    PickleId insideOpaque(PickleId opaque, PickleKind kind);
    void remember(std::uint64_t index);
    void recall(std::uint64_t index);

    void stackGlobal();
    void pushGlobal(const std::string& module, const std::string& name);
    void instance(bool isNamed);
    void construct(std::size_t arguments);
    void build();

    const ByteSource& m_source;
    std::uint64_t m_begin;
    std::string m_where;
    PickleObjects& m_objects;
    std::size_t m_at = 0, m_opcodeAt = 0;  // in the bytes read so far
    std::uint64_t m_operations = 0;
    std::vector<PickleId> m_stack, m_memo;
    std::vector<std::size_t> m_marks;
};

}  // namespace bnstudio
