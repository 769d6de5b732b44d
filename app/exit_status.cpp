// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exit_status.h"

namespace bnstudio {

int exitStatusOf(ErrorCode code) {
    switch (code) {
    case ErrorCode::Usage:
        return status::usage;
    case ErrorCode::Refused:
    case ErrorCode::BadInput:
    case ErrorCode::Io:
        return status::refused;
    case ErrorCode::WriteFailed:
        return status::writeFailed;
    case ErrorCode::Cancelled:
        return status::interrupted;
    }
    return status::refused;
}

}  // namespace bnstudio
