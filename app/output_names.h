// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace bnstudio {

/// Refuses an output file by its ending, before any work: Error(Usage) "--option: FILE: not a format I know; known are
/// .png, …". Case does not matter.
void requireExtension(std::string_view option, const std::string& path, std::initializer_list<std::string_view> known);

}  // namespace bnstudio
