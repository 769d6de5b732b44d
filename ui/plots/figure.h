// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QSizeF>
#include <QString>

#include <optional>
#include <vector>

namespace bnstudio {

enum class FigureKind { Running, Profile, Distributions, Channels, Flow };

/// "running", "profile", "distributions", "channels", "flow"; nothing for another word.
std::optional<FigureKind> figureKindFromName(const QString& name);

/// "85x60mm", "3.4x2.5in" or "800x600px" (also without a unit); throws Error(Usage) for anything else and for sizes
/// outside 10 to 2000 mm.
QSizeF figureSizeFromText(const QString& text);

/// A plot for a paper or a report, in the light theme. Which members are read depends on the kind.
struct FigureRequest {
    FigureKind kind = FigureKind::Running;
    Recipe recipe;                             ///< events, initial state; travels in the metadata
    SeriesView series;                         ///< Running, Channels
    std::shared_ptr<const LaneSnapshot> lane;  ///< Profile, and the mean marked in Distributions
    std::int64_t step = -1;                    ///< the step of lane and distributions
    std::optional<Distributions> distributions;
    std::shared_ptr<const Frame> frame;     ///< Flow
    std::vector<std::int64_t> channels{0};  ///< the first one is emphasised; Running draws at most 16
    QSizeF sizeMm{85, 60};
    double fontPoints = 8;
    double pngDpi = 300;
};

/// Draws the figure and writes it beside @p path, then renames: .png, .svg or .pdf. Text stays text in SVG and PDF. The
/// recipe, the step and the channel travel in it (ui/export/picture_file.h); false when the recipe was too long for
/// that. Needs a QApplication (any platform plugin).
/// Throws Error(Usage): another ending, no channel, a channel that does not exist, nothing to draw,
/// no room for the text and plot areas of 8 mm (the sentence names the least size);
/// Error(WriteFailed): the file could not be written.
bool saveFigure(const FigureRequest& request, const QString& path);

}  // namespace bnstudio
