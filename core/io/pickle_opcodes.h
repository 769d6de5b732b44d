// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace bnstudio {

/// Names and codes of Lib/pickletools.py. Missing are those of protocols 0 and 1 that spell values as text, the
/// extension registry, and out-of-band buffers: torch.save writes none of them.
enum class PickleOpcode : std::uint8_t {
    Mark = '(',
    Stop = '.',
    Pop = '0',
    PopMark = '1',
    Dup = '2',
    BinInt = 'J',
    BinInt1 = 'K',
    BinInt2 = 'M',
    Long1 = 0x8a,
    Long4 = 0x8b,
    BinFloat = 'G',
    None = 'N',
    NewTrue = 0x88,
    NewFalse = 0x89,
    BinString = 'T',
    ShortBinString = 'U',
    BinBytes = 'B',
    ShortBinBytes = 'C',
    BinBytes8 = 0x8e,
    ByteArray8 = 0x96,
    BinUnicode = 'X',
    ShortBinUnicode = 0x8c,
    BinUnicode8 = 0x8d,
    EmptyList = ']',
    Append = 'a',
    Appends = 'e',
    List = 'l',
    EmptyTuple = ')',
    Tuple = 't',
    Tuple1 = 0x85,
    Tuple2 = 0x86,
    Tuple3 = 0x87,
    EmptyDict = '}',
    Dict = 'd',
    SetItem = 's',
    SetItems = 'u',
    EmptySet = 0x8f,
    AddItems = 0x90,
    FrozenSet = 0x91,
    BinGet = 'h',
    LongBinGet = 'j',
    BinPut = 'q',
    LongBinPut = 'r',
    Memoize = 0x94,
    Global = 'c',
    StackGlobal = 0x93,
    Reduce = 'R',
    Build = 'b',
    Inst = 'i',
    Obj = 'o',
    NewObj = 0x81,
    NewObjEx = 0x92,
    BinPersId = 'Q',
    Proto = 0x80,
    Frame = 0x95,
};

}  // namespace bnstudio
