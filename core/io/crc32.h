// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace bnstudio {

/// The checksum of zip members (ISO 3309, polynomial 0xEDB88320): start with 0 and pass the result on from block to
/// block.
std::uint32_t crc32(std::uint32_t previous, std::span<const std::byte> bytes);

}  // namespace bnstudio
