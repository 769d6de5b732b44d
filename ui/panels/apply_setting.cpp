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

}  // namespace

void applySetting(Session& session, const Action& action, int mergeId) {
    const bool fromStart = session.editScope() == Session::EditScope::FromStart;
    const Recipe before = session.recipe();
    const EffectiveSettings old = session.settings();
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
