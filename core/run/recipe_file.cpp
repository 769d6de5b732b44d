// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/io/atomic_file.h"
#include "core/run/file_fingerprint.h"
#include "core/run/recipe_json.h"

#include <cerrno>
#include <fstream>
#include <system_error>

namespace bnstudio {

namespace {

// recipeFromJson refuses longer texts; a longer file is not even read.
constexpr std::uintmax_t maxFileBytes = std::uintmax_t{64} << 20;

std::string readText(const std::filesystem::path& path) {
    std::error_code error;
    const std::uintmax_t bytes = std::filesystem::file_size(path, error);
    if (error)  // a folder or a pipe has no size; opening a pipe would wait for a writer
        throw Error(ErrorCode::Io, path.string() + ": cannot be read: " + error.message());
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw Error(ErrorCode::Io, path.string() + ": cannot be read: " + std::generic_category().message(errno));
    if (bytes > maxFileBytes)
        throw Error(ErrorCode::BadInput, path.string() + ": " + std::to_string(bytes)
                                             + " bytes, expected a recipe of at most " + std::to_string(maxFileBytes));
    std::string text(static_cast<std::size_t>(bytes), '\0');
    file.read(text.data(), static_cast<std::streamsize>(bytes));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

/// Records what the data files look like now; a missing one keeps what was known about it.
void recordFingerprint(FileSpec& file) {
    const FileFingerprint now = fingerprintOf(file.path);
    if (now.hash.empty())
        return;
    file.size = now.size;
    file.mtime = now.mtime;
    file.hash = now.hash;
}
void recordFingerprints(std::vector<SourceSpec>& sources) {
    for (SourceSpec& source : sources) {
        if (auto* file = std::get_if<FileSpec>(&source))
            recordFingerprint(*file);
    }
}

std::filesystem::path folderOf(const std::string& path) {
    return std::filesystem::absolute(path).lexically_normal().parent_path();
}

}  // namespace

Recipe loadRecipe(const std::string& path) {
    return recipeFromFileText(readText(path), path);
}

Recipe recipeFromFileText(const std::string& text, const std::string& path) {
    try {
        return recipe_json::readFrom(text, folderOf(path));
    } catch (const Error& error) {
        throw Error(error.code(), path + ": " + error.what());
    }
}

std::string recipeFileText(const Recipe& recipe, const std::string& path) {
    Recipe saved = recipe;
    recordFingerprints(saved.data.sources);
    recordFingerprints(saved.data.gradients);
    for (LaneSpec& lane : saved.lanes) {
        if (lane.recording)
            recordFingerprint(*lane.recording);
    }
    return recipe_json::writeFor(saved, folderOf(path));
}

void saveRecipe(const Recipe& recipe, const std::string& path) {
    AtomicFile file{std::filesystem::path(path)};
    file.write(std::string_view(recipeFileText(recipe, path)));
    file.commit();
}

}  // namespace bnstudio
