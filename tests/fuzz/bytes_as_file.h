// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_file.h"
#include "fuzz/targets.h"

#include <filesystem>
#include <functional>
#include <string>

namespace bnstudio::fuzz {

/// A file in memory with these bytes, for readers that take a path.
class BytesAsFile {
public:
    explicit BytesAsFile(Bytes bytes);
    ~BytesAsFile();
    BytesAsFile(const BytesAsFile&) = delete;
    BytesAsFile& operator=(const BytesAsFile&) = delete;
    std::filesystem::path path() const;

private:
    int m_descriptor;
};

/// Opens the bytes with a reader and reads from every tensor; an Error is a good end.
void openAndRead(Bytes bytes, const std::function<TensorFile(const std::filesystem::path&)>& open);

/// Ends the process with a message: what must hold did not.
void require(bool holds, const char* what);

/// A zip archive of stored members whose checksums are right, so that changed members get past them.
struct Member {
    std::string name;
    Bytes bytes;
};
std::string zipOf(const std::vector<Member>& members);
/// The members of an archive in a new one; empty when its directory cannot be read.
std::string zipWithRightChecksums(Bytes archive);

}  // namespace bnstudio::fuzz
