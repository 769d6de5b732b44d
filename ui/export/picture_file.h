// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/export/figure_recipe.h"

#include <QImage>
#include <QSize>
#include <QSizeF>
#include <QString>

#include <functional>

class QPaintDevice;

namespace bnstudio {

/// Edges of a PNG are at most this long, 256 MiB for the picture.
constexpr int mostPictureEdge = 8192;

/// Where a picture goes, how large it is and what it carries.
struct PictureFile {
    QString path;   ///< ends in .png, .svg or .pdf
    QSize size;     ///< that things are laid out in, logical pixels
    QSize pixels;   ///< of a PNG
    QSizeF sizeMm;  ///< of an SVG or PDF, and what a PNG says about itself
    QString title;
    FigureRecipe origin;
    bool carriesOrigin = true;

    /// As many millimetres as the logical pixels are at the resolution of the screen, @p pngScale pixels each.
    static PictureFile ofSize(const QString& path, QSize size, double pngScale);
};

/// How something is drawn: into a picture of so many pixels, or with lines and text on a device with the coordinates
/// of PictureFile::size.
struct Drawing {
    std::function<QImage(QSize size, QSize pixels)> image;
    std::function<void(QPaintDevice& device, QSize size, double zoom)> vectors;  ///< paints magnified by zoom
};

/// Logical pixels per millimetre of the application's fonts.
double pixelsPerMm();

/// Throws Error(Usage) unless the path ends in .png, .svg or .pdf.
void requirePictureName(const QString& path);

/// Draws into a file written beside its target and renamed. PNG has the texts of the figure as text chunks, SVG as
/// <metadata>, PDF as XMP and the recipe also as the attachment "recipe.json". Returns false when the recipe was too
/// long to travel. Throws Error(Usage) for another ending or a PNG beyond mostPictureEdge, and Error(WriteFailed).
bool writePicture(const PictureFile& file, const Drawing& drawing);

}  // namespace bnstudio
