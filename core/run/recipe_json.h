// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/recipe.h"

#include <filesystem>
#include <string>

namespace bnstudio::recipe_json {

/// Canonical text of a part: two parts give the same run exactly when their texts are equal (lane names apart).
std::string write(const DataSpec& data);
std::string write(const LaneSpec& lane);
std::string write(const Event& event);

/// toJson and recipeFromJson for a file in @p folder: data files are named relative to it, then by absolute path.
std::string writeFor(const Recipe& recipe, const std::filesystem::path& folder);
Recipe readFrom(const std::string& text, const std::filesystem::path& folder);

}  // namespace bnstudio::recipe_json
