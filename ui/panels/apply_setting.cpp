// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/apply_setting.h"

#include "ui/format.h"
#include "ui/widgets/commit_field.h"

#include <QCoreApplication>

#include <cmath>

namespace bnstudio {
namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bnstudio::ApplySetting)
};

/// The last event up to @p step that sets the same thing on the displayed lane.
const Event* hidingEvent(const Recipe& recipe, const Action& action, std::int64_t step) {
    const Event* found = nullptr;
    for (const Event& event : recipe.events)
        if (event.step <= step && event.lane <= 0 && event.action.index() == action.index())
            found = &event;
    return found;
}

void require(std::optional<ChannelVector>& values, bool wanted, std::int64_t channels, double fresh) {
    if (!wanted)
        values.reset();
    else if (!values)
        values.emplace(static_cast<std::size_t>(channels), fresh);
}

/// A given initial state wins over the flags, so a flag that is set from the start must bring the state along: what
/// the constructor would have made appears or disappears.
bool editInitialState(Session& session, const Action& action) {
    Recipe next = session.recipe();
    LaneSpec& lane = next.lanes.front();
    if (!lane.initialState)
        return false;
    LayerState& state = *lane.initialState;
    const std::int64_t channels = lane.layer.numFeatures > 0 ? lane.layer.numFeatures : session.channels();
    if (const auto* affine = std::get_if<SetAffine>(&action)) {
        lane.layer.affine = affine->on;
        require(state.weight, affine->on, channels, 1);
        require(state.bias, affine->on, channels, 0);
    } else if (const auto* track = std::get_if<SetTrackRunningStats>(&action)) {
        lane.layer.trackRunningStats = track->on;
        require(state.runningMean, track->on, channels, 0);
        require(state.runningVar, track->on, channels, 1);
        state.numBatchesTracked = track->on ? std::optional(state.numBatchesTracked.value_or(0)) : std::nullopt;
    } else {
        return false;
    }
    session.edit(QString::fromStdString(describe(action)), std::move(next));
    return true;
}

}  // namespace

void applySetting(Session& session, const Action& action, int mergeId) {
    const bool fromStart = session.editScope() == Session::EditScope::FromStart;
    const Recipe before = session.recipe();
    const EffectiveSettings old = session.settings();
    if (!fromStart || !editInitialState(session, action))
        session.apply(action, mergeId);
    if (!fromStart || session.recipe() == before || session.settings() != old)
        return;
    if (const Event* hiding = hidingEvent(session.recipe(), action, session.editStep()))
        session.showMessage(Words::tr("The start has changed, but an event at step %1 (%2) sets this again before "
                                      "step %3.")
                                .arg(hiding->step)
                                .arg(QString::fromStdString(describe(hiding->action)))
                                .arg(session.editStep()));
}

void refuseText(Session& session, CommitField& field, const QString& sentence) {
    field.mark(sentence);
    session.showMessage(sentence);
}

bool readNumber(Session& session, CommitField& field, const QString& name, double& value) {
    double read = 0;
    if (!parseNumber(field.text(), read) || !std::isfinite(read)) {
        refuseText(session, field,
                   Words::tr("%1: “%2” is not a number; expected one like 0.1 or 1e-5.").arg(name, field.text()));
        return false;
    }
    value = read;
    return true;
}

}  // namespace bnstudio
