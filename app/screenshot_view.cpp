// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/screenshot_view.h"

#include "core/error.h"
#include "ui/card_dock.h"
#include "ui/main_window.h"

#include <algorithm>
#include <array>

namespace bnstudio {

namespace {

struct PhaseName {
    Phase phase;
    const char* name;
};
constexpr std::array<PhaseName, 10> phaseNames{{{Phase::Mean, "mean"},
                                                {Phase::Variance, "variance"},
                                                {Phase::Normalise, "normalise"},
                                                {Phase::Affine, "affine"},
                                                {Phase::RunningUpdate, "running"},
                                                {Phase::Loss, "loss"},
                                                {Phase::GradSums, "grad-sums"},
                                                {Phase::GradXhat, "grad-xhat"},
                                                {Phase::GradInput, "grad-input"},
                                                {Phase::ParameterUpdate, "update"}}};

std::string namesOf(const std::vector<Phase>& phases) {
    std::string names;
    for (const PhaseName& each : phaseNames)
        if (std::find(phases.begin(), phases.end(), each.phase) != phases.end())
            names += (names.empty() ? "" : ", ") + std::string(each.name);
    return names;
}

std::vector<Phase> allPhases() {
    std::vector<Phase> all;
    for (const PhaseName& each : phaseNames)
        all.push_back(each.phase);
    return all;
}

void raisePanel(const std::string& name, MainWindow& window) {
    QStringList names;
    for (CardDock* dock : window.findChildren<CardDock*>()) {
        if (dock->objectName() == QString::fromStdString(name)) {
            dock->show();
            return dock->raise();
        }
        names << dock->objectName();
    }
    names.sort();
    throw Error(ErrorCode::Usage,
                "--show: expected one of " + names.join(QStringLiteral(", ")).toStdString() + ", got '" + name + "'");
}

}  // namespace

std::vector<OptionSpec> screenshotViewSpecs() {
    static const std::string phases = "The phase of the step: " + namesOf(allPhases()) + ". Default: the last one.";
    return {
        {"--phase", "NAME", phases},
        {"--show", "PANEL", "Brings a panel to the front, such as events or loss. Repeatable."},
    };
}

ScreenshotView parseScreenshotView(const ParsedOptions& options) {
    ScreenshotView view;
    view.panels = options.values("--show");
    if (const auto text = options.value("--phase")) {
        const auto found = std::find_if(phaseNames.begin(), phaseNames.end(),
                                        [&](const PhaseName& each) { return *text == each.name; });
        if (found == phaseNames.end())
            throw Error(ErrorCode::Usage, "--phase: expected one of " + namesOf(allPhases()) + ", got '" + *text + "'");
        view.phase = found->phase;
    }
    return view;
}

void apply(const ScreenshotView& view, Session& session, MainWindow& window) {
    for (const std::string& name : view.panels)
        raisePanel(name, window);
    if (!view.phase)
        return;
    const std::vector<Phase> present = session.phases();
    if (std::find(present.begin(), present.end(), *view.phase) == present.end())
        throw Error(ErrorCode::Usage, "--phase: step " + std::to_string(session.shown().step) + " has the phases "
                                          + namesOf(present) + ", not " + namesOf({*view.phase}));
    session.setPhase(*view.phase);
}

}  // namespace bnstudio
