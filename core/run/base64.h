// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace bnstudio {

/// Base64 (RFC 4648) of the values as little-endian float64. NaN payloads and signs survive.
std::string base64OfDoubles(std::span<const double> values);
/// The inverse; nothing when the text is no padded base64 or holds no whole number of values.
std::optional<std::vector<double>> doublesOfBase64(const std::string& text);

}  // namespace bnstudio
