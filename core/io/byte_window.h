// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/input_file.h"

#include <memory>
#include <string>
#include <utility>

namespace bnstudio {

/// A part of a file, or of another part, as bytes of its own: a stored member of an archive, a storage of a .pt file.
class ByteWindow : public ByteSource {
public:
    /// @p label starts the messages about the part.
    ByteWindow(std::shared_ptr<const ByteSource> whole, std::uint64_t offset, std::uint64_t size, std::string label)
        : m_whole(std::move(whole)), m_offset(offset), m_size(size), m_label(std::move(label)) {}
    std::uint64_t size() const override { return m_size; }
    void readAt(std::uint64_t offset, std::span<std::byte> out) const override {
        if (offset > m_size || out.size() > m_size - offset) {
            refuse(m_label, "ends at byte " + std::to_string(m_size));
        }
        m_whole->readAt(m_offset + offset, out);
    }

private:
    std::shared_ptr<const ByteSource> m_whole;
    std::uint64_t m_offset, m_size;
    std::string m_label;
};

}  // namespace bnstudio
