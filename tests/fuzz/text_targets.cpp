// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/io/tensor_file.h"
#include "core/run/recipe.h"
#include "fuzz/bytes_as_file.h"

namespace bnstudio::fuzz {

namespace {

std::string textOf(Bytes input) {
    return {reinterpret_cast<const char*>(input.data()), input.size()};
}

}  // namespace

void pastedText(Bytes input) {
    try {
        const Tensor tensor = parsePastedTensor(textOf(input));
        require(tensor.dtype() == DType::Float64 && (tensor.rank() == 2 || tensor.rank() == 3), "a batch of doubles");
    } catch (const Error&) {
    }
}

/// A recipe that can be read can be written, and is then read as the same.
void recipe(Bytes input) {
    try {
        const Recipe first = recipeFromJson(textOf(input));
        const std::string text = toJson(first);
        require(toJson(recipeFromJson(text)) == text, "a recipe that survives writing and reading");
        validate(first);
    } catch (const Error&) {
    }
}

void zipDirectory(Bytes input) {
    (void)zipWithRightChecksums(input);
}

}  // namespace bnstudio::fuzz
