// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/recipe.h"
#include "ui/models/file_contents.h"

#include <QString>

#include <optional>
#include <string>
#include <vector>

namespace bnstudio {

/// What a user chose to do with what is in a file.
struct FileUse {
    enum class Data {
        NewRun,    ///< a fresh run on these batches
        Add,       ///< the batches become a source beside those of the present run
        Generate,  ///< no batches chosen: a fresh run on random batches that fit the layer
        Keep,      ///< no batches chosen: the present ones
    };
    Data data = Data::NewRun;
    std::vector<BatchEntry> batches;
    std::string axes;                 ///< what the axes of the batches are; empty: as a layer takes them
    std::optional<FoundLayer> layer;  ///< becomes the start state
    /// Everything of the present run goes, so that unsaved changes have to be asked about.
    bool replacesRun() const { return data == Data::NewRun || data == Data::Generate; }
};

/// The recipe that does it. @p state is the layer's, absent without one; @p presentChannels those of the present run.
Recipe recipeFor(const FileUse& use, const QString& path, const std::optional<LoadedState>& state,
                 const Recipe& present, std::int64_t presentChannels);

/// Ways to read the axes of a tensor of this rank, the usual one first: "NCL", "NLC", "LNC". Of higher ranks L is all
/// the axes that are neither samples nor channels.
std::vector<std::string> axisChoices(std::size_t rank);
/// Number of channels when the axes of @p shape are read like that.
std::int64_t channelsOf(const Dims& shape, const std::string& axes);
/// Why one can be wrong about the axes of a tensor of this shape; empty when there is no reason.
QString axisDoubt(const Dims& shape);

}  // namespace bnstudio
