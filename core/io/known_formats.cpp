// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/known_formats.h"

#include "core/io/input_file.h"
#include "core/io/tensor_file.h"

namespace bnstudio {

const std::vector<FormatName>& knownFormats() {
    static const std::vector<FormatName> formats{{"npy", "*.npy"},
                                                 {"npz", "*.npz"},
                                                 {"safetensors", "*.safetensors"},
                                                 {"pt", "*.pt *.pth"},
                                                 {"csv", "*.csv *.tsv *.txt"}};
    return formats;
}

void refuseUnknownFormat(const std::string& label, const std::string& reason) {
    std::string names;
    for (const FormatName& format : knownFormats()) {
        names += (names.empty() ? "" : ", ") + format.name;
    }
    refuse(label, "not a format I know" + (reason.empty() ? "" : " (" + reason + ")") + "; known are " + names);
}

}  // namespace bnstudio
