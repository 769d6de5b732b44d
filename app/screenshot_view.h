// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/options.h"
#include "core/explain/phases.h"

#include <optional>
#include <string>
#include <vector>

namespace bnstudio {

class MainWindow;
class Session;

/// What of the run and of the window a picture shows, beyond the step.
struct ScreenshotView {
    std::optional<Phase> phase;
    std::vector<std::string> panels;  ///< brought to the front, by the names of their docks
};

std::vector<OptionSpec> screenshotViewSpecs();
/// Throws Error(Usage) for a word that names no phase.
ScreenshotView parseScreenshotView(const ParsedOptions& options);
/// Throws Error(Usage) for a phase that the displayed step does not have and for a panel that the window does not have.
void apply(const ScreenshotView& view, Session& session, MainWindow& window);

}  // namespace bnstudio
