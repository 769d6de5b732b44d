// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/options.h"
#include "core/run/run.h"
#include "ui/plots/figure.h"

#include <string>

namespace bnstudio {

/// --save-figure and what belongs to it.
struct FigureOptions {
    std::string path;
    FigureKind kind = FigureKind::Running;
    std::vector<std::int64_t> channels;  ///< empty: a choice that suits the kind
    QSizeF sizeMm{85, 60};
    double fontPoints = 8;
};

/// Nothing when no figure is asked for. Throws Error(Usage).
std::optional<FigureOptions> parseFigureOptions(const ParsedOptions& options);
/// Throws Error(Usage) when a channel does not exist.
void checkChannels(const FigureOptions& options, std::int64_t channels);
/// The numbers of the figure out of a run that has reached its last step. Throws Error(Usage) when there is no step.
FigureRequest figureRequest(const FigureOptions& options, Run& run, std::stop_token stop);

}  // namespace bnstudio
