// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>
#include <string>

namespace bnstudio {

/// What kind of thing went wrong; the command line maps it to an exit status, the window to a place to show it.
enum class ErrorCode {
    Usage,        ///< an argument or option that makes no sense
    Refused,      ///< the layer refuses a batch or a state dict, in PyTorch's words
    BadInput,     ///< a file, a recipe or pasted text that cannot be used
    Io,           ///< the operating system refused to read
    WriteFailed,  ///< an output could not be written
    Cancelled,    ///< the user or a newer request asked to stop
};

/// The one exception type of the core. Thrown before anything changes, the counter of semantics 8 apart.
/// The message is one English sentence that names the argument, the values, and what was expected.
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, const std::string& message) : std::runtime_error(message), m_code(code) {}
    ErrorCode code() const noexcept { return m_code; }

private:
    ErrorCode m_code;
};

}  // namespace bnstudio
