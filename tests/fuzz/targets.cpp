// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/targets.h"

namespace bnstudio::fuzz {

const std::vector<Target>& targets() {
    static const std::vector<Target> all{
        {"npy", npy, {"npy"}},
        {"npz", npz, {"npz"}},
        {"safetensors", safetensors, {"safetensors"}},
        {"csv", csv, {"csv", "tsv", "txt"}},
        {"torch_zip", torchZip, {"pt"}},
        {"torch_pickle", torchPickle, {}},
        {"torch_legacy", torchLegacy, {"pt"}},
        {"pasted_text", pastedText, {"csv", "tsv", "txt"}},
        {"recipe", recipe, {}},
        {"zip_directory", zipDirectory, {"npz", "pt"}},
        {"figure", figure, {}},
    };
    return all;
}

}  // namespace bnstudio::fuzz
