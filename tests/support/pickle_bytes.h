// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QByteArrayList>
#include <QtEndian>

/// Pickles for tests, put together from the operations of Python's Lib/pickletools.py.
namespace bnstudio::pickle {

template <class T>
QByteArray littleEndian(T value) {
    QByteArray bytes(sizeof value, '\0');
    qToLittleEndian(value, bytes.data());
    return bytes;
}

inline QByteArray text(const QByteArray& value) {
    return "X" + littleEndian(static_cast<quint32>(value.size())) + value;
}

/// Any integer of 64 bits.
inline QByteArray number(qint64 value) {
    return QByteArray("\x8a\x08") + littleEndian(value);
}

inline QByteArray tuple(const QByteArray& items) {
    return "(" + items + "t";
}

inline QByteArray numbers(std::initializer_list<qint64> values) {
    QByteArray items;
    for (const qint64 value : values)
        items += number(value);
    return tuple(items);
}

inline QByteArray global(const QByteArray& module, const QByteArray& name) {
    return "c" + module + "\n" + name + "\n";
}

inline QByteArray call(const QByteArray& function, const QByteArray& arguments) {
    return function + tuple(arguments) + "R";
}

/// @p entries are keys and values in turn.
inline QByteArray dict(const QByteArray& entries) {
    return "}(" + entries + "u";
}

inline QByteArray orderedDict() {
    return global("collections", "OrderedDict") + ")R";
}

inline QByteArray storage(const QByteArray& key, qint64 numel, const QByteArray& type = "FloatStorage",
                          const QByteArray& more = {}) {
    return tuple(text("storage") + global("torch", type) + text(key) + text("cpu") + number(numel) + more) + "Q";
}

/// A call of _rebuild_tensor_v2; shape and strides are tuples.
inline QByteArray tensor(const QByteArray& storage, qint64 offset, const QByteArray& shape, const QByteArray& strides) {
    return call(global("torch._utils", "_rebuild_tensor_v2"),
                storage + number(offset) + shape + strides + "\x89" + orderedDict());
}

/// Protocol 2, with STOP.
inline QByteArray whole(const QByteArray& object) {
    return "\x80\x02" + object + ".";
}

/// 0, 1, 2, … as float32.
inline QByteArray counted(int count) {
    QByteArray bytes;
    for (int i = 0; i < count; ++i)
        bytes += littleEndian(static_cast<float>(i));
    return bytes;
}

inline QByteArray number64(qint64 value) {
    return littleEndian(value);
}

/// The pickle of PyTorch's magic number.
inline QByteArray magic() {
    return whole(QByteArray("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 12));
}

/// A file as PyTorch before 1.6 wrote it; @p storages has a count of 64 bits and the elements for each key.
inline QByteArray legacyBytes(const QByteArray& objectPickle, const QByteArrayList& keys, const QByteArray& storages) {
    QByteArray list;
    for (const QByteArray& key : keys)
        list += text(key);
    return magic() + whole(number(1001)) + whole("}") + objectPickle + whole("](" + list + "e") + storages;
}

}  // namespace bnstudio::pickle
