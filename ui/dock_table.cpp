// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/docks.h"
#include "ui/flow/flow_panel.h"
#include "ui/panels/calculation_panel.h"
#include "ui/panels/channel_panel.h"
#include "ui/panels/data_panel.h"
#include "ui/panels/events_panel.h"
#include "ui/panels/findings_panel.h"
#include "ui/panels/layer_panel.h"
#include "ui/panels/recording_panel.h"
#include "ui/panels/training_panel.h"
#include "ui/plots/channels_heat_view.h"
#include "ui/plots/distribution_view.h"
#include "ui/plots/loss_view.h"
#include "ui/plots/parameter_view.h"
#include "ui/plots/profile_view.h"
#include "ui/plots/running_stat_view.h"

#include <QCoreApplication>

namespace bnstudio {

namespace {

enum class Height { Fits, Scrolls };

template <class Panel>
std::function<DockContent(Session&)> panel(const char* title, Height height) {
    return [=](Session& session) {
        DockContent content;
        auto* made = new Panel(session);
        content.widget = made;
        content.title = QCoreApplication::translate("Docks", title);
        if constexpr (requires { made->header(); })
            content.header = made->header();
        content.scrolls = height == Height::Scrolls;
        return content;
    };
}

/// @p tab: untranslated; titles of plots name their channel, for which a tab has no room.
template <class View, class... Arguments>
std::function<DockContent(Session&)> plot(const char* tab, Arguments... arguments) {
    return [=](Session& session) {
        auto* view = new View(session, arguments...);
        return DockContent{view, view->title(), view->header(), false, QCoreApplication::translate("Docks", tab)};
    };
}

}  // namespace

// Left what the run is made of, in the middle what it does, right the numbers.
const QList<DockSpec>& dockTable() {
    using enum DockPlace;
    static const QList<DockSpec> table{
        {"data", First, "", panel<DataPanel>(QT_TRANSLATE_NOOP("Docks", "Data"), Height::Scrolls)},
        {"flow", RightOf, "data", panel<FlowPanel>(QT_TRANSLATE_NOOP("Docks", "Flow"), Height::Fits)},
        {"calculation", RightOf, "flow",
         panel<CalculationPanel>(QT_TRANSLATE_NOOP("Docks", "Calculation"), Height::Fits)},
        {"layer", Below, "data", panel<LayerPanel>(QT_TRANSLATE_NOOP("Docks", "Layer"), Height::Scrolls)},
        {"training", Below, "layer", panel<TrainingPanel>(QT_TRANSLATE_NOOP("Docks", "Training"), Height::Scrolls)},
        {"recording", TabBehind, "training",
         panel<RecordingPanel>(QT_TRANSLATE_NOOP("Docks", "Recording"), Height::Scrolls)},
        {"runningMean", Below, "flow",
         plot<RunningStatView>(QT_TRANSLATE_NOOP("Docks", "mean"), Quantity::RunningMean)},
        {"distributions", Below, "runningMean", plot<DistributionView>(QT_TRANSLATE_NOOP("Docks", "Distributions"))},
        {"runningVar", RightOf, "runningMean",
         plot<RunningStatView>(QT_TRANSLATE_NOOP("Docks", "var"), Quantity::RunningVar)},
        {"heat", RightOf, "distributions", plot<ChannelsHeatView>(QT_TRANSLATE_NOOP("Docks", "Channels × steps"))},
        {"profile", TabBehind, "heat", plot<ProfileView>(QT_TRANSLATE_NOOP("Docks", "Profile"))},
        {"parameters", TabBehind, "distributions", plot<ParameterView>(QT_TRANSLATE_NOOP("Docks", "γ, β"))},
        {"loss", TabBehind, "distributions", plot<LossView>(QT_TRANSLATE_NOOP("Docks", "Loss"))},
        {"findings", Below, "calculation",
         panel<FindingsPanel>(QT_TRANSLATE_NOOP("Docks", "Findings"), Height::Scrolls)},
        {"channels", Below, "findings", panel<ChannelPanel>(QT_TRANSLATE_NOOP("Docks", "Channels"), Height::Fits)},
        {"events", TabBehind, "channels", panel<EventsPanel>(QT_TRANSLATE_NOOP("Docks", "Events"), Height::Fits)},
    };
    return table;
}

}  // namespace bnstudio
