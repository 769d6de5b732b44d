// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace bnstudio::fuzz {

using Bytes = std::span<const std::byte>;

/// One reader under test: whatever the bytes, it gives values or throws an Error, and nothing else.
struct Target {
    std::string_view name;
    void (*run)(Bytes input);
    std::vector<std::string_view> seeds;  ///< extensions of the files in tests/data/interop to start from
};

const std::vector<Target>& targets();

void npy(Bytes input);
void npz(Bytes input);
void safetensors(Bytes input);
void csv(Bytes input);
void torchZip(Bytes input);
void torchPickle(Bytes input);
void torchLegacy(Bytes input);
void pastedText(Bytes input);
void recipe(Bytes input);
void zipDirectory(Bytes input);
void figure(Bytes input);

}  // namespace bnstudio::fuzz
