// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the generators share.
#pragma once

#include "core/data/generator.h"

#include <cstring>

namespace bnstudio::test {

inline Tensor batchOf(const GeneratorSpec& spec, std::int64_t k = 0, DType dtype = DType::Float64) {
    Tensor batch;
    generateBatch(spec, k, dtype, batch);
    return batch;
}

inline Tensor batchOf(const char* text, std::int64_t k = 0, DType dtype = DType::Float64) {
    return batchOf(parseGeneratorSpec(text), k, dtype);
}

inline bool sameBytes(const Tensor& a, const Tensor& b) {
    return a.dtype() == b.dtype() && a.shape() == b.shape() && std::memcmp(a.bytes(), b.bytes(), a.byteSize()) == 0;
}

}  // namespace bnstudio::test
