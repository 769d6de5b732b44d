// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace bnstudio {

/// Throws Error(BadInput) "LABEL: not a format I know (REASON); known are …"; an empty @p reason is left out.
[[noreturn]] void refuseUnknownFormat(const std::string& label, const std::string& reason);

}  // namespace bnstudio
