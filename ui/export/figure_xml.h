// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/export/figure_recipe.h"

#include <QByteArray>

#include <stop_token>
#include <string>

namespace bnstudio {

/// <metadata> elements that hold the texts, to stand behind the title of an SVG.
QByteArray svgMetadata(const FigureTexts& texts);
/// The texts out of the start of an SVG; empty when there are none. Throws Error(BadInput) "LABEL: …" for texts beyond
/// FigureTexts::longest.
FigureTexts svgTexts(const QByteArray& start, const std::string& label, const std::stop_token& stop = {});

/// An XMP packet with the texts, which PDF readers pass on and which stands uncompressed in the file.
QByteArray xmpPacket(const FigureTexts& texts, const QString& title);
FigureTexts pdfTexts(const QByteArray& start, const std::string& label, const std::stop_token& stop = {});

}  // namespace bnstudio
