// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/export/figure_recipe.h"

namespace bnstudio {

class InputFile;

/// The texts in the chunks before a PNG's pixels (tEXt, zTXt and iTXt). Chunks with other names are skipped unread.
/// Throws Error(BadInput): a chunk that ends outside the file, a wrong checksum, a text beyond FigureTexts::longest.
FigureTexts pngTexts(const InputFile& file);

}  // namespace bnstudio
