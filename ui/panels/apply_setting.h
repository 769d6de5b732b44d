// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

namespace bnstudio {

class CommitField;

/// Applies a settings action under the session's edit scope. When a later event hides a value that was set from the
/// start, so that the displayed step does not see it, a message says so.
void applySetting(Session& session, const Action& action, int mergeId = -1);

/// Marks a field whose text makes no sense and says why; the recipe stays as it is.
void refuseText(Session& session, CommitField& field, const QString& sentence);

/// Reads one finite number, or refuses the text of @p field, naming it.
bool readNumber(Session& session, CommitField& field, const QString& name, double& value);

/// Ids by which edits that follow each other quickly become one.
namespace merge {
inline constexpr int momentum = 1001;
inline constexpr int timelineItem = 1002;
}  // namespace merge

}  // namespace bnstudio
