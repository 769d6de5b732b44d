// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/torch_legacy_reader.h"

#include "core/io/byte_window.h"
#include "core/io/torch_objects.h"
#include "core/io/unpickler.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

namespace bnstudio {

namespace {

// torch/serialization.py: MAGIC_NUMBER 0x1950a86a20f9469cfc6c as the bytes of a LONG1, and PROTOCOL_VERSION.
constexpr std::string_view magic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
constexpr std::int64_t protocolVersion = 1001;
constexpr std::uint64_t tarMarkOffset = 257;  // POSIX.1 ustar header
constexpr std::string_view tarMark = "ustar";

bool isTar(const InputFile& file) {
    if (file.size() < tarMarkOffset + tarMark.size()) {
        return false;
    }
    std::string mark(tarMark.size(), '\0');
    file.readAt(tarMarkOffset, std::as_writable_bytes(std::span(mark.data(), mark.size())));
    return mark == tarMark;
}

/// The storages that the object's pickle speaks of, by key.
std::unordered_map<std::string, PickledStorage> storagesByKey(const PickleObjects& objects, const std::string& label) {
    std::unordered_map<std::string, PickledStorage> result;
    for (const PickledStorage& storage : objects.storages()) {
        const auto [known, isNew] = result.emplace(storage.key, storage);
        if (!isNew && (known->second.itemBytes != storage.itemBytes || known->second.numel != storage.numel)) {
            refuse(label, "describes the storage " + inQuotes(storage.key) + " twice, and differently");
        }
    }
    return result;
}

/// Where the bytes of a storage begin, by key.
using Places = std::unordered_map<std::string, std::uint64_t>;

/// Behind the pickles: for each key of the list its number of elements, 64 bits, and the elements. Both are
/// little-endian on every machine (torch/csrc/serialization.cpp), whatever the system's dict says.
Places placeStorages(const InputFile& file, const PickleObjects& objects, PickleId keys, std::uint64_t at) {
    const auto known = storagesByKey(objects, file.label());
    Places places;
    for (const PickleId id : objects.children(keys)) {
        if (objects.kind(id) != PickleKind::Text) {
            refuse(file.label(), "the list of storage keys holds something that is no text");
        }
        const std::string key(objects.text(id).substr(0, 100));
        const std::string where = file.label() + ": storage " + inQuotes(key);
        const auto storage = known.find(key);
        if (storage == known.end() || !places.emplace(key, at + sizeof(std::int64_t)).second) {
            refuse(where, storage == known.end() ? "belongs to no tensor" : "is there twice");
        }
        std::int64_t elements = 0;
        file.readAt(at, std::as_writable_bytes(std::span(&elements, 1)));
        at += sizeof elements;
        if (storage->second.itemBytes == 0) {
            refuse(where, "is of a type whose elements are of unknown size, so what follows cannot be found");
        }
        if (elements != storage->second.numel) {
            refuse(where, "has " + std::to_string(elements) + " elements at byte " + std::to_string(at) + ", expected "
                              + std::to_string(storage->second.numel));
        }
        const std::uint64_t bytes = storageBytes(storage->second, elements);
        if (bytes > file.size() - at) {
            refuse(where, "needs " + std::to_string(bytes) + " bytes from byte " + std::to_string(at) + " on, but "
                              + std::to_string(file.size() - at) + " are there");
        }
        at += bytes;
    }
    if (at != file.size()) {
        refuse(file.label(), "has " + std::to_string(file.size() - at)
                                 + " bytes after its last storage, which ends at "
                                   "byte "
                                 + std::to_string(at));
    }
    return places;
}

bool isMagic(const PickleObjects& objects, PickleId id) {
    return objects.kind(id) == PickleKind::BigInt && objects.text(id) == magic;
}

PickleId loadObject(Unpickler& pickles, const PickleObjects& objects) {
    if (!isMagic(objects, pickles.load())) {
        pickles.refuseHere("is a pickle, but none that torch.save wrote");
    }
    const PickleId version = pickles.load();
    if (objects.kind(version) != PickleKind::Int || objects.integer(version) != protocolVersion) {
        pickles.refuseHere("expected version " + std::to_string(protocolVersion) + " of PyTorch's file format");
    }
    pickles.load();  // sys_info: byte order and sizes of C types, which nothing depends on
    return pickles.load();
}

}  // namespace

bool startsLikePickle(std::string_view start) {
    return start.size() >= 2 && start[0] == '\x80' && start[1] >= 2 && start[1] <= 5;
}

TensorFile openTorchLegacy(const std::filesystem::path& path) {
    const auto source = std::make_shared<const InputFile>(path);
    const std::string& label = source->label();
    if (isTar(*source)) {
        refuse(label, "is a tar archive, as PyTorch before 0.1.10 wrote it, which is not read; in Python, "
                      "torch.save(torch.load(FILE), \"new.pt\") makes a file that is");
    }
    char start[2] = {};
    source->readAt(0, std::as_writable_bytes(std::span(start).first(std::min<std::size_t>(2, source->size()))));
    if (!startsLikePickle({start, 2})) {
        refuse(label, "is no PyTorch file: it is neither a zip archive nor a pickle");
    }
    PickleObjects objects;
    Unpickler pickles(*source, 0, label, objects);
    const PickleId root = loadObject(pickles, objects);
    const PickleId keys = pickles.load();
    if (objects.kind(keys) != PickleKind::List) {
        pickles.refuseHere("expected a list of storage keys");
    }
    const Places places = placeStorages(*source, objects, keys, pickles.position());
    const StorageBytes bytesOf = [&](const PickledStorage& storage) {
        const auto place = places.find(storage.key);
        if (place == places.end()) {
            refuse(label, "the storage " + inQuotes(storage.key) + " is missing");
        }
        return std::make_shared<const ByteWindow>(source, place->second + storageBytes(storage, storage.viewOffset),
                                                  storageBytes(storage, storage.viewNumel), label);
    };
    TensorFile file;
    file.path = path;
    file.format = "pt";
    collectTensors(objects, root, label, bytesOf, false, file);
    return file;
}

}  // namespace bnstudio
