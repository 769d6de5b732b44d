// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/tensor.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace bnstudio {

/// Writes a .npz (stored members, zip64 where needed), one member after another, beside the target; commit() renames it
/// into place. Destroyed without commit it leaves nothing behind. Throws Error(WriteFailed).
class NpzWriter {
public:
    explicit NpzWriter(std::filesystem::path target);
    ~NpzWriter();
    NpzWriter(const NpzWriter&) = delete;
    NpzWriter& operator=(const NpzWriter&) = delete;
    /// Member "name.npy".
    void add(const std::string& name, const Tensor& tensor);
    /// Member "name.npy" that holds one text, which NumPy loads as a str. @p text is UTF-8.
    void addText(const std::string& name, std::string_view text);
    void commit();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// The bytes of a .npy file, version 1.0, C order, header aligned to 64.
std::string npyBytes(const Tensor& tensor);

/// A text file written beside its target and renamed by commit(); destroyed without commit it leaves nothing behind.
class AtomicTextFile {
public:
    explicit AtomicTextFile(std::filesystem::path target);
    ~AtomicTextFile();
    AtomicTextFile(const AtomicTextFile&) = delete;
    AtomicTextFile& operator=(const AtomicTextFile&) = delete;
    void write(std::string_view text);
    void commit();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace bnstudio
