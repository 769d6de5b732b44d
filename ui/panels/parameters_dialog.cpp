// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/parameters_dialog.h"

#include "ui/widgets/value_table_dialog.h"

#include <QCoreApplication>

namespace bnstudio {
namespace {

constexpr const char* context = "bnstudio::ParametersDialog";
QString words(const char* text) {
    return QCoreApplication::translate(context, text);
}

/// The state that the edits start from.
LayerState editedState(const Session& session) {
    if (session.editScope() == Session::EditScope::FromHere) {
        const Shown& shown = session.shown();
        const LaneState* state = shown.lane ? shown.lane->before.get() : shown.state.get();
        return state ? state->layer.state() : LayerState{};
    }
    const LaneSpec& lane = session.recipe().lanes.front();
    if (lane.initialState)
        return *lane.initialState;
    LayerOptions options = lane.layer;
    options.numFeatures = options.numFeatures > 0 ? options.numFeatures : session.channels();
    return BatchNorm1d(options).state();
}

template <class Assignment>
void insertChanges(Recipe& next, std::int64_t step, const std::optional<ChannelVector>& old,
                   const std::optional<ChannelVector>& edited) {
    if (!old || !edited || *old == *edited)
        return;
    for (std::size_t c = 0; c < edited->size(); ++c)
        if ((*edited)[c] != (*old)[c])
            insertEvent(next, Event{step, -1, Assignment{static_cast<std::int64_t>(c), (*edited)[c]}});
}

void assignParameters(Session& session, const LayerState& old, const LayerState& edited) {
    Recipe next = session.recipe();
    if (session.editScope() == Session::EditScope::FromHere) {
        insertChanges<SetWeight>(next, session.editStep(), old.weight, edited.weight);
        insertChanges<SetBias>(next, session.editStep(), old.bias, edited.bias);
    } else {
        next.lanes.front().initialState = edited;
    }
    session.edit(words(QT_TRANSLATE_NOOP("bnstudio::ParametersDialog", "Set γ and β")), std::move(next));
}

}  // namespace

bool hasParameters(const Session& session) {
    const LaneSpec& lane = session.recipe().lanes.front();
    if (session.editScope() == Session::EditScope::FromStart && !lane.initialState)
        return lane.layer.affine && session.channels() > 0;
    const LayerState state = editedState(session);
    return state.weight || state.bias;
}

void openParametersEditor(Session& session, QWidget* parent) {
    if (!hasParameters(session))
        return;
    const LayerState old = editedState(session);
    std::vector<ValueColumn> columns;
    if (old.weight)
        columns.push_back({words(QT_TRANSLATE_NOOP("bnstudio::ParametersDialog", "γ weight")), *old.weight});
    if (old.bias)
        columns.push_back({words(QT_TRANSLATE_NOOP("bnstudio::ParametersDialog", "β bias")), *old.bias});
    const QString title =
        session.editScope() == Session::EditScope::FromHere
            ? words(QT_TRANSLATE_NOOP("bnstudio::ParametersDialog", "γ and β before step %1")).arg(session.editStep())
            : words(QT_TRANSLATE_NOOP("bnstudio::ParametersDialog", "γ and β at the start"));
    auto* dialog = new ValueTableDialog(title, session, std::move(columns), parent);
    dialog->setObjectName(QStringLiteral("parametersDialog"));
    QObject::connect(dialog, &ValueTableDialog::accepted, dialog, [&session, dialog, old] {
        const DType dtype = session.recipe().lanes.front().layer.dtype;
        LayerState edited = old;
        std::size_t column = 0;
        for (std::optional<ChannelVector>* values : {&edited.weight, &edited.bias})
            if (*values) {
                *values = dialog->values(column++);
                for (double& value : **values)
                    value = roundTo(dtype, value);
            }
        if (edited != old)
            assignParameters(session, old, edited);
    });
    dialog->open();
}

}  // namespace bnstudio
