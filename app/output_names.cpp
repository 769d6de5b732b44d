// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/output_names.h"

#include "core/error.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace bnstudio {

void requireExtension(std::string_view option, const std::string& path, std::initializer_list<std::string_view> known) {
    std::string extension = std::filesystem::path(path).extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (std::find(known.begin(), known.end(), extension) != known.end())
        return;
    std::string list;
    for (const std::string_view one : known)
        list += (list.empty() ? "" : ", ") + std::string(one);
    throw Error(ErrorCode::Usage, std::string(option) + ": " + path + ": not a format I know; known are " + list);
}

}  // namespace bnstudio
