// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/targets.h"

#include <cstdint>

/// The entry point of libFuzzer, compiled once for each target.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    bnstudio::fuzz::BNSTUDIO_FUZZ_TARGET(std::as_bytes(std::span(data, size)));
    return 0;
}
