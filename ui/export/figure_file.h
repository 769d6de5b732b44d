// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/export/figure_recipe.h"

#include <stop_token>

namespace bnstudio {

/// Whether a file is a PNG, SVG or PDF, by its first bytes. False for files that cannot be read.
bool isPicture(const QString& path);

/// The recipe that a figure carries, without decoding its picture: at most 24 MiB of a file are read, and at most as
/// much memory is used for what a compressed text becomes. Throws Error(BadInput) or Error(Io) "PATH: …": no recipe in
/// it, a damaged one, one beyond bounds.
FigureRecipe readFigure(const QString& path, const std::stop_token& stop = {});

}  // namespace bnstudio
