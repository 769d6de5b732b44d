// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

namespace bnstudio {

/// What Python's repr() prints for a float: "1e-05", "0.001", "1.0", "inf", "nan".
std::string pythonFloat(double value);
/// The same, with "None" for nothing.
std::string pythonFloat(const std::optional<double>& value);
/// "True" or "False".
std::string pythonBool(bool value);

}  // namespace bnstudio
