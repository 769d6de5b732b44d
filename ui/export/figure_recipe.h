// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/recipe.h"

#include <QByteArray>
#include <QString>

#include <cstdint>

namespace bnstudio {

/// What a figure carries so that it can be opened again: the run it came from and what of it was on display.
struct FigureRecipe {
    Recipe recipe;
    std::int64_t step = -1;    ///< displayed step
    std::int64_t steps = 0;    ///< computed steps
    std::int64_t channel = 0;  ///< selected channel
};

/// The two texts that travel in a figure: the recipe as a recipe file has it, and the view, a small JSON object.
struct FigureTexts {
    static constexpr const char* recipeName = "bnstudio-recipe";
    static constexpr const char* viewName = "bnstudio-view";
    /// Of either text, in bytes. A figure does not carry a longer recipe.
    static constexpr qsizetype longest = qsizetype{16} << 20;

    QByteArray recipe, view;  ///< UTF-8
    bool isEmpty() const { return recipe.isEmpty(); }
};

/// Data files are named relative to the folder of the figure at @p path, then by absolute path. Both texts are empty
/// when the recipe is too long for a figure.
FigureTexts textsOf(const FigureRecipe& figure, const QString& path);

/// Throws Error(BadInput) "PATH: …" for texts that are no recipe and view. Steps beyond a million, which nobody would
/// wait for, are left out of the view.
FigureRecipe figureRecipeFrom(const FigureTexts& texts, const QString& path);

}  // namespace bnstudio
